"""Deploys a CloudFormation template, as `aws cloudformation deploy` would, or deletes what was deployed.

    deploy.py ENDPOINT create STACK TEMPLATE [PARAMETER=VALUE ...]
    deploy.py ENDPOINT delete STACK

Prints the stack's status, its outputs, and each resource's type, status and reason; for an API key its value too.
"""

import json
import sys
import time

import boto3

ACCESS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
SECONDS = 90


def settled(cloudformation, stack):
    deadline = time.monotonic() + SECONDS
    while True:
        described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        if not described["StackStatus"].endswith("IN_PROGRESS"):
            return described
        if time.monotonic() > deadline:
            raise SystemExit(f"{stack} is still {described['StackStatus']} after {SECONDS} s")
        time.sleep(0.2)


def create(cloudformation, endpoint, stack, template, *parameters):
    with open(template, encoding="utf-8") as file:
        body = file.read()
    pairs = [parameter.split("=", 1) for parameter in parameters]
    cloudformation.validate_template(TemplateBody=body)
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=body,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in pairs],
        Capabilities=["CAPABILITY_IAM"],
    )
    described = settled(cloudformation, stack)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    key = None
    if "ApiKeyId" in outputs:
        gateway = boto3.client("apigateway", endpoint_url=endpoint, **ACCESS)
        key = gateway.get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)["value"]
    return {
        "status": described["StackStatus"],
        "outputs": outputs,
        "api_key": key,
        "resources": {
            resource["LogicalResourceId"]: {
                "type": resource["ResourceType"],
                "status": resource["ResourceStatus"],
                "reason": resource.get("ResourceStatusReason", ""),
            }
            for resource in resources
        },
    }


def main():
    endpoint, command, stack, *rest = sys.argv[1:]
    cloudformation = boto3.client("cloudformation", endpoint_url=endpoint, **ACCESS)
    if command == "create":
        json.dump(create(cloudformation, endpoint, stack, *rest), sys.stdout)
    else:
        cloudformation.delete_stack(StackName=stack)


main()
