"""Writes what SAM makes of each template, so that cfn-lint and check_expanded.py can read the roles and mappings SAM adds.
Where a template has the parameter Canary, which SAM itself looks at, it is written with and without.

Usage: expand.py OUT TEMPLATE...
"""
import json, logging, pathlib, sys
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of features of its own that are not there yet
ARTEFACT = "s3://artefacts/artefact"  # SAM expands packaged templates only
MANAGED = {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}


def packaged(text):
    template = yaml_parse(text)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = ARTEFACT
            resource.get("Metadata", {}).clear()
        elif resource["Type"] == "AWS::Serverless::Application":
            resource["Properties"]["Location"] = "https://artefacts.s3.amazonaws.com/" + resource["Properties"]["Location"]
    return template


out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
for name in sys.argv[2:]:
    text = pathlib.Path(name).read_text()
    variants = {"": {}}
    if "Canary" in packaged(text)["Parameters"]:
        variants["-canary"] = {"Canary": "true"}
    for suffix, parameters in variants.items():
        expanded = Translator(MANAGED, Parser()).translate(packaged(text), parameter_values=parameters)
        (out / f"{pathlib.Path(name).stem}{suffix}.json").write_text(json.dumps(expanded, indent=2, default=str))
