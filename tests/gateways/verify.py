"""Signs a request again with botocore's own signer, and says whether it comes to the same.

    verify.py ACCESS_KEY SECRET_KEY TOKEN REGION < request.json

The request is {"method", "target", "headers"}: the target as it stood in the request line. Prints {"sent", "expected"}, the
two Authorization headers, and the canonical request for whoever has to find the difference.
"""

import datetime
import json
import sys
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials


def main():
    access, secret, token, region = sys.argv[1:]
    request = json.load(sys.stdin)
    headers = {name: value for name, value in request["headers"].items()}
    sent = headers.pop("authorization")
    signed = sent.split("SignedHeaders=")[1].split(",")[0].split(";")
    when = datetime.datetime.strptime(headers.pop("x-amz-date"), "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    headers.pop("x-amz-security-token", None)
    kept = {name: value for name, value in headers.items() if name in signed}
    again = botocore.awsrequest.AWSRequest(
        method=request["method"], url=f"http://{headers['host']}{request['target']}", headers=kept, data=b""
    )
    credentials = botocore.credentials.Credentials(access, secret, token or None)
    signer = botocore.auth.SigV4Auth(credentials, "execute-api", region)
    # Where botocore takes its time from has a name that differs from release to release.
    clock = "get_current_datetime" if hasattr(botocore.auth, "get_current_datetime") else None
    if clock:
        with mock.patch.object(botocore.auth, clock, lambda *_, **__: when.replace(tzinfo=None)):
            signer.add_auth(again)
    else:
        frozen = mock.MagicMock(wraps=datetime)
        frozen.datetime.utcnow.return_value = when.replace(tzinfo=None)
        with mock.patch.object(botocore.auth, "datetime", frozen.datetime):
            signer.add_auth(again)
    json.dump(
        {"sent": sent, "expected": again.headers["Authorization"], "canonical": signer.canonical_request(again)}, sys.stdout
    )


main()
