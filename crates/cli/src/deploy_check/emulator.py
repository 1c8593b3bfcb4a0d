"""Runs the emulator of AWS (ministack) with what it lacks to deploy this shop.

- A template of a nested stack that names the SAM transform is expanded, as CloudFormation does by itself
  (CAPABILITY_AUTO_EXPAND), before it is deployed.
- A resource of a nested stack that an update leaves as it was keeps its attributes, so that others may go on asking for them.
- It says that it has got its port, by the file that TELL_WHEN_BOUND names.
- ssm:GetParameters is held against the policy for the parameters that the request names, and not for all there are. All of a
  request's names are one function's, and the first stands for them.
- A rule of an event bus sends to a queue only if the queue's policy lets it.
"""
import json
import logging
import os
import pathlib

from hypercorn.config import Config
from ministack import app
from ministack.core import iam_actions
from ministack.services import eventbridge, sqs
from ministack.services.cloudformation import _stacks, engine, provisioners


def expand_nested_templates():
    parse, deploy = engine._parse_template, provisioners._cfn_nested_stack_deploy

    def parse_and_expand(body):
        return engine._apply_transforms(parse(body))

    def deploy_nested(*arguments, **named):
        # The function imports the parser each time it is called.
        engine._parse_template = parse_and_expand
        try:
            return deploy(*arguments, **named)
        finally:
            engine._parse_template = parse

    provisioners._cfn_nested_stack_deploy = deploy_nested


def keep_attributes():
    update = provisioners._update_resource

    def update_resource(kind, physical_id, old, new, stack, logical_id=None, old_attributes=None):
        if old_attributes is None:
            resources = _stacks.get(stack, {}).get("_resources", {})
            old_attributes = resources.get(logical_id, {}).get("Attributes")
        return update(kind, physical_id, old, new, stack, logical_id, old_attributes)

    provisioners._update_resource = update_resource


def authorize_parameters():
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(service, method, path, headers, body, query, region, account):
        arn = extract(service, method, path, headers, body, query, region, account)
        names = json.loads(body or b"{}").get("Names") if service == "ssm" and arn == "*" else None
        if not names:
            return arn
        return f"arn:aws:ssm:{region}:{account}:parameter/{names[0].lstrip('/')}"

    iam_actions.extract_resource_arn = extract_resource_arn


def tell_when_bound():
    create = Config.create_sockets

    def create_sockets(config):
        sockets = create(config)
        pathlib.Path(os.environ["TELL_WHEN_BOUND"]).touch()
        return sockets

    Config.create_sockets = create_sockets


def authorize_rules():
    invoke = eventbridge._invoke_target

    def invoke_target(target, event, rule, view=None):
        queue = target["Arn"]
        if ":sqs:" in queue:
            by = rule["Arn"]
            if not sqs.queue_policy_allows(queue, "events.amazonaws.com", by, by.split(":")[4]):
                logging.error("the policy of %s does not let %s send to it", queue, by)
                return
        invoke(target, event, rule, view)

    eventbridge._invoke_target = invoke_target


expand_nested_templates()
keep_attributes()
tell_when_bound()
authorize_parameters()
authorize_rules()
app.main()
