"""Has AWS's services wrap a payload, each in its own envelope, on the way to a queue: SNS, EventBridge, S3, and EventBridge by
way of SNS.

    wrap.py ENDPOINT QUEUE < payload.json
"""

import json
import sys

import boto3


def main():
    endpoint, queue = sys.argv[1:]
    payload = sys.stdin.read()

    def client(service):
        return boto3.client(
            service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )

    sqs, sns, events, s3 = client("sqs"), client("sns"), client("events"), client("s3")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    topic = sns.create_topic(Name=f"{queue}-topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message=payload)

    for rule, target in [("direct", arn), ("by-sns", topic)]:
        name = f"{queue}-{rule}"
        pattern = json.dumps({"source": [f"shop.{rule}"]})
        events.put_rule(Name=name, EventPattern=pattern)
        events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target}])
        entry = {"Source": f"shop.{rule}", "DetailType": "order placed", "Detail": payload}
        failed = events.put_events(Entries=[entry])["FailedEntryCount"]
        if failed:
            raise SystemExit(f"EventBridge refused {failed} events")

    bucket = f"{queue}-bucket".lower()
    s3.create_bucket(Bucket=bucket)
    configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    s3.put_object(Bucket=bucket, Key="orders/A-1029.json", Body=payload)


main()
