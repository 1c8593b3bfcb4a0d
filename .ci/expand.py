"""Writes what SAM makes of each template, so that cfn-lint can read the roles and mappings SAM adds.

The tests read policies as the templates write them. So this stops when SAM makes something else of one: when functions share
a role, or when a role allows more or less than is written, but for leave to log and to send traces.

Usage: expand.py OUT TEMPLATE...
"""
import copy, json, pathlib, sys
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ARTEFACT = "s3://artefacts/artefact"  # SAM expands packaged templates only
MANAGED = {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
GIVEN = ("/AWSLambdaBasicExecutionRole", "/AWSXRayDaemonWriteAccess", "/AWSXrayWriteOnlyAccess")


def policies(template):
    """What each function's template writes."""
    functions = (it for it in template["Resources"].items() if it[1]["Type"] == "AWS::Serverless::Function")
    return {name: copy.deepcopy(it["Properties"].get("Policies", [])) for name, it in functions}


def check_roles(name, written, resources):
    for function, documents in written.items():
        role = f"{function}Role"
        if resources[function]["Properties"]["Role"] != {"Fn::GetAtt": [role, "Arn"]}:
            sys.exit(f"{name}: {function} has no role of its own")
        role = resources[role]["Properties"]
        if [it["PolicyDocument"] for it in role.get("Policies", [])] != documents:
            sys.exit(f"{name}: the role of {function} does not allow just what its Policies say")
        for arn in role.get("ManagedPolicyArns", []):
            if not str(arn).endswith(GIVEN):
                sys.exit(f"{name}: the role of {function} allows {arn}, which its Policies don't say")


out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
for name in sys.argv[2:]:
    template = yaml_parse(pathlib.Path(name).read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = ARTEFACT
            resource.get("Metadata", {}).clear()
        elif resource["Type"] == "AWS::Serverless::Application":
            resource["Properties"]["Location"] = "https://artefacts.s3.amazonaws.com/" + resource["Properties"]["Location"]
    written = policies(template)
    expanded = Translator(MANAGED, Parser()).translate(template, parameter_values={})
    check_roles(name, written, expanded["Resources"])
    (out / (pathlib.Path(name).stem + ".json")).write_text(json.dumps(expanded, indent=2, default=str))
