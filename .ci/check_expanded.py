"""Checks what SAM made of the templates: that each function has a role of its own that may do what its template says and
nothing else, that API Gateway may call what each route leads to, and that what functions are told reaches their aliases.
Prints how many resources there are.

Usage: check_expanded.py EXPANDED TEMPLATE...

EXPANDED is the folder that expand.py wrote.
"""
import json, pathlib, sys
from samcli.yamlhelper import yaml_parse

# What SAM adds to each role: to write logs and traces. AWS knows no resource for traces.
FUNCTIONS = {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess", "AWSXRayDaemonWriteAccess"}
CODEDEPLOY = {"AWSCodeDeployRoleForLambda"}
MOST_RESOURCES = 500  # of a stack: AWS CloudFormation quotas


class Expanded:
    def __init__(self, file, template):
        self.name = file.stem
        self.template = yaml_parse(template.read_text())["Resources"]
        self.resources = json.loads(file.read_text())["Resources"]
        self.wrong = []

    def of(self, kind):
        return {name: it.get("Properties", {}) for name, it in self.resources.items() if it["Type"] == kind}

    def says(self, what):
        self.wrong.append(f"{self.name}: {what}")

    def check(self):
        functions, roles = self.of("AWS::Lambda::Function"), self.of("AWS::IAM::Role")
        for name in functions:
            role = self.role_of(name)
            if role not in roles:
                self.says(f"{name} has no role of its own")
            else:
                self.check_role(name, roles.pop(role))
        for name, role in roles.items():
            self.check_other_role(name, role, functions)
        self.check_routes()
        self.check_versions()
        if len(self.resources) > MOST_RESOURCES:
            self.says(f"{len(self.resources)} resources, of at most {MOST_RESOURCES}")
        return self.wrong

    def role_of(self, function):
        """The logical id of a function's role, if it is one of the template."""
        match self.resources[function]["Properties"]["Role"]:
            case {"Fn::GetAtt": [name, "Arn"]}:
                return name
            case _:
                return None

    def check_role(self, name, role):
        if trusted(role) != ["lambda.amazonaws.com"]:
            self.says(f"the role of {name} is for {trusted(role)}")
        for policy in managed(role) - FUNCTIONS:
            self.says(f"{name} may do all that {policy} allows")
        written = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
        if written != plain(self.template[name]["Properties"].get("Policies", [])):
            self.says(f"the role of {name} has other statements than its template")
        for statement in statements(role):
            for text in one_or_more(statement["Action"]) + one_or_more(statement["Resource"]):
                if any(sign in said(text) for sign in "*?"):
                    self.says(f"{name} is allowed a wildcard, {said(text)}")

    def check_other_role(self, name, role, functions):
        """A role of a schedule, which may start one function, or of CodeDeploy."""
        if trusted(role) == ["codedeploy.amazonaws.com"]:
            allowed = managed(role) == CODEDEPLOY and not statements(role)
        else:
            invoke = [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": {"Fn::GetAtt": [function, "Arn"]}}
                      for function in functions]
            allowed = trusted(role) == ["scheduler.amazonaws.com"] and not managed(role)
            allowed = allowed and len(statements(role)) == 1 and statements(role)[0] in invoke
        if not allowed:
            self.says(f"{name} is no role that is known here")

    def check_routes(self):
        called = self.called()
        permissions = self.of("AWS::Lambda::Permission").values()
        permitted = {said_function(it["FunctionName"]) for it in permissions if it["Principal"] == "apigateway.amazonaws.com"}
        for target in sorted(called - permitted):
            self.says(f"a route leads to {target}, which API Gateway may not call")
        for target in sorted(permitted - called):
            self.says(f"API Gateway may call {target}, to which no route leads")

    def called(self):
        return {said_function(it["IntegrationUri"]) for it in self.of("AWS::ApiGatewayV2::Integration").values()}

    def check_versions(self):
        """SAM publishes another version when a function changes in the template, not when only a parameter does."""
        called = " ".join(self.called()).split()
        for version in self.of("AWS::Lambda::Version").values():
            name = said(version["FunctionName"])
            if version.get("Description") != {"Ref": "SecretsVersion"}:
                self.says(f"{name} has an alias and lacks VersionDescription: !Ref SecretsVersion, or else it has no route and "
                          'wants AutoPublishAlias: "" and DeploymentPreference: {Enabled: false}')
            if f"{name}Aliaslive" not in called:
                self.says(f"no route leads to the alias of {name}")
            variables = self.of("AWS::Lambda::Function")[name].get("Environment", {}).get("Variables", {})
            if variables.get("SECRETS_VERSION") != {"Ref": "SecretsVersion"}:
                self.says(f"{name} is told no SECRETS_VERSION, without which no other version of it can be published")


def plain(value):
    return json.loads(json.dumps(value))


def one_or_more(value):
    return value if isinstance(value, list) else [value]


def trusted(role):
    services = [statement["Principal"]["Service"] for statement in role["AssumeRolePolicyDocument"]["Statement"]]
    return [service for one in services for service in one_or_more(one)]


def managed(role):
    return {arn.rsplit("/", 1)[-1] for arn in role.get("ManagedPolicyArns", [])}


def statements(role):
    """Every statement, those that a condition leaves out among them."""
    found = []
    for policy in role.get("Policies", []):
        for statement in one_or_more(policy["PolicyDocument"]["Statement"]):
            branches = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
            found += [branch for branch in branches if branch != {"Ref": "AWS::NoValue"}]
    return found


def said(value):
    """A value as the templates write it, about."""
    match value:
        case {"Ref": name}:
            return name
        case {"Fn::GetAtt": [name, attribute]}:
            return f"{name}.{attribute}"
        case {"Fn::Sub": [text, _]} | {"Fn::Sub": text}:
            return text.replace("arn:${AWS::Partition}:", "").replace("${AWS::Region}:${AWS::AccountId}:", "")
        case {"Fn::If": [condition, yes, no]}:
            return f"{condition} ? {said(yes)} : {said(no)}"
        case _:
            return str(value)


def said_function(value):
    """The same of a function, by its ARN or by its name."""
    return said(value).replace(".Arn", "")


def main():
    folder, *templates = [pathlib.Path(argument) for argument in sys.argv[1:]]
    wrong, total = [], 0
    for template in templates:
        files = [folder / f"{template.stem}{suffix}.json" for suffix in ("", "-canary")]
        for file in filter(pathlib.Path.exists, files):
            expanded = Expanded(file, template)
            wrong += expanded.check()
            print(f"{len(expanded.resources):>5} resources  {expanded.name}")
            if file.stem == template.stem:
                total += len(expanded.resources)
    print(f"{total:>5} resources in all, of the stacks without canaries")
    if wrong:
        sys.exit("\n".join(wrong))


main()
