"""Writes what SAM makes of each template, so that cfn-lint can read the roles and mappings SAM adds.

Usage: expand.py OUT TEMPLATE...
"""
import json, pathlib, sys
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ARTEFACT = "s3://artefacts/artefact"  # SAM expands packaged templates only
MANAGED = {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
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
    expanded = Translator(MANAGED, Parser()).translate(template, parameter_values={})
    (out / (pathlib.Path(name).stem + ".json")).write_text(json.dumps(expanded, indent=2, default=str))
