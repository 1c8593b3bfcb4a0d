"""Asks AWS, or what the environment names in its place, for what the SAM CLI does not: aws.py ACTION ARGUMENT…

The answer is JSON on standard output.
"""
import json
import sys

import boto3


def put_parameters(shop, file):
    """The shop's keys, of a file as `cargo shop keys` keeps it, into its Parameter Store."""
    ssm = boto3.client("ssm")
    with open(file) as keys:
        keys = json.load(keys)
    for name, value in keys.items():
        kind = "String" if name == "token_public_keys" else "SecureString"
        name = f"/{shop}/{name.replace('_', '-')}"
        ssm.put_parameter(Name=name, Value=value, Type=kind, Overwrite=True)
    return len(keys)


def outputs(stack):
    """A stack's outputs by their keys."""
    [stack] = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def functions(shop):
    """The SHA-256 of every function's code, by the function's name."""
    pages = boto3.client("lambda").get_paginator("list_functions").paginate()
    found = (function for page in pages for function in page["Functions"])
    return {it["FunctionName"]: it["CodeSha256"] for it in found if it["FunctionName"].startswith(f"{shop}-")}


def changed(stack):
    """What the newest change set of a stack changed: logical ids by resource type."""
    cloudformation = boto3.client("cloudformation")
    sets = cloudformation.list_change_sets(StackName=stack)["Summaries"]
    newest = max(sets, key=lambda it: it["CreationTime"])
    found = cloudformation.describe_change_set(ChangeSetName=newest["ChangeSetId"])["Changes"]
    by_type = {}
    for change in found:
        change = change["ResourceChange"]
        by_type.setdefault(change["ResourceType"], []).append(change["LogicalResourceId"])
    return by_type


def delete(stack):
    """Deletes a stack and waits until it is gone. `sam delete` looks for nested templates at addresses that the emulator has not."""
    cloudformation = boto3.client("cloudformation")
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})


def gives_up(queue, failures):
    """Whether what its function can't deal with goes from a queue, which has little patience meanwhile, to that of failures."""
    sqs = boto3.client("sqs")
    queue, failures = (sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in (queue, failures))
    names = ["RedrivePolicy", "VisibilityTimeout"]
    usual = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    twice = json.dumps(json.loads(usual["RedrivePolicy"]) | {"maxReceiveCount": 2})
    try:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": twice, "VisibilityTimeout": "5"})
        sent = sqs.send_message(QueueUrl=queue, MessageBody="no event")["MessageId"]
        for _ in range(60):
            for message in sqs.receive_message(QueueUrl=failures, WaitTimeSeconds=1).get("Messages", []):
                if message["MessageId"] == sent:
                    sqs.delete_message(QueueUrl=failures, ReceiptHandle=message["ReceiptHandle"])
                    return True
        return False
    finally:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes=usual)


def left(shop):
    """What still bears the shop's name."""
    tables = boto3.client("dynamodb").list_tables()["TableNames"]
    logs = boto3.client("logs").get_paginator("describe_log_groups").paginate()
    logs = [group["logGroupName"] for page in logs for group in page["logGroups"]]
    queues = [url.rsplit("/", 1)[-1] for url in boto3.client("sqs").list_queues().get("QueueUrls", [])]
    apis = [api["Name"] for api in boto3.client("apigatewayv2").get_apis()["Items"]]
    buses = [bus["Name"] for bus in boto3.client("events").list_event_buses()["EventBuses"]]
    alarms = boto3.client("cloudwatch").get_paginator("describe_alarms").paginate()
    alarms = [alarm["AlarmName"] for page in alarms for alarm in page["MetricAlarms"]]
    roles = boto3.client("iam").get_paginator("list_roles").paginate()
    roles = [role["RoleName"] for page in roles for role in page["Roles"]]
    names = list(functions(shop)) + tables + logs + queues + apis + buses + alarms + roles
    return sorted(name for name in names if name.split("/")[-1].startswith(shop))


ALL = (put_parameters, outputs, functions, changed, delete, gives_up, left)
ACTIONS = {action.__name__: action for action in ALL}
action, *arguments = sys.argv[1:]
print(json.dumps(ACTIONS[action](*arguments)))
