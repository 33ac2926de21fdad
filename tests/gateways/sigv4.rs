//! Signatures checked by another signer: botocore's, which follows the rules of AWS's published test vectors.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use serde_json::{Map, Value, json};

use crate::{python, qwatch};

const ACCESS: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "session+token/of=ours";

/// Answers one request with no messages, and gives it back as it came.
fn one_request() -> (String, JoinHandle<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
        let first = lines.next().unwrap();
        let (method, rest) = first.split_once(' ').unwrap();
        let target = rest.strip_suffix(" HTTP/1.1").unwrap();
        let headers = lines.take_while(|line| !line.is_empty()).map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_lowercase(), Value::from(value.trim()))
        });
        let headers: Map<String, Value> = headers.collect();
        let body = r#"{"Messages":[{"MessageId":"m","ReceiptHandle":"h","Body":"b"}]}"#;
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).unwrap();
        json!({ "method": method, "target": target, "headers": headers })
    });
    (origin, served)
}

#[test]
#[ignore = "needs botocore: .ci/run installs it with boto3, and sets QWATCH_BOTO3"]
fn botocore_makes_the_same_signature_of_the_same_request() {
    let paths = [
        "/",
        "/prod",
        "/prod/",
        "/a%20b/c",
        "/a+b~c/-._~/%E2%82%AC",
        "/%2Fencoded%2Fslash",
        "/ü",
        "/prod?empty=&flag&b=2&a=1&a=0",
        "/prod?plus=a+b&space=a%20b&tilde=~%7e&star=*&comma=1,2",
        "/prod?slash=/%2F&question=a?b&equals=a=b&colon=a:b&at=@&semi=a;b",
        "/prod?utf8=%E1%88%B4&%E1%88%B4=name&ü=ö",
        "/prod?quote='%27&dquote=%22&paren=()&bang=!&hash=%23&amp=%26&percent=%25",
        "/prod?X-Capital=1&x-small=2&_under=3&-dash=4&.dot=5",
    ];
    for path in paths {
        let private = "Host: abc123.execute-api.us-east-1.amazonaws.com";
        for (method, header) in
            [("GET", "x-plain: one"), ("POST", "x-spaces:  two   spaces "), ("GET", private)]
        {
            let (origin, served) = one_request();
            let url = format!("{origin}{path}");
            let words = [
                "tail",
                "--count",
                "1",
                "--sigv4",
                "--region",
                "us-east-1",
                "--method",
                method,
                "--header",
                header,
                "--message-attribute-name",
                "prefix.*",
                "--attribute-name",
                "SenderId",
                "--attribute-name",
                "All",
                &url,
            ];
            let mut command = qwatch(&words);
            command.envs([
                ("AWS_ACCESS_KEY_ID", ACCESS),
                ("AWS_SECRET_ACCESS_KEY", SECRET),
                ("AWS_SESSION_TOKEN", TOKEN),
            ]);
            let output = command.output().unwrap();
            assert!(output.status.success(), "{path}: {output:?}");
            let request = served.join().unwrap().to_string();
            let verified = python("verify.py", &[ACCESS, SECRET, TOKEN, "us-east-1"], &request);
            let canonical = verified["canonical"].as_str().unwrap();
            assert_eq!(verified["sent"], verified["expected"], "{method} {path}\n{request}\n{canonical}");
        }
    }
}
