//! The Query protocol as XML: what SQS answered for years, and what an HTTP API may forward.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;

use super::query_json::CustomValue;
use super::query_json::encode::value_member;
use super::{Received, Shape, Unreadable};
use crate::sqs::{Message, PackedMessage, Packer};

const NAMESPACE: &str = "http://queue.amazonaws.com/doc/2012-11-05/";

pub(super) fn decode(body: &[u8]) -> Result<Received, Unreadable> {
    let text = super::utf8(body)?;
    let mut xml = Xml::new(text);
    match xml.root()?.as_str() {
        "ReceiveMessageResponse" => {
            let received = xml.receive_message_response()?;
            xml.end()?;
            Ok(received)
        }
        other => Err(unreadable(format!("its root element is <{other}>"))),
    }
}

/// An error document's code, message and request id: `<ErrorResponse>`, or a bare `<UnknownOperationException/>`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct XmlError {
    pub code: String,
    pub message: Option<String>,
    pub fault_type: Option<String>,
    pub request_id: Option<String>,
}

pub(super) fn decode_error(body: &[u8]) -> Option<XmlError> {
    let mut xml = Xml::new(super::utf8(body).ok()?);
    let root = xml.root().ok()?;
    match root.as_str() {
        "ErrorResponse" | "Response" => xml.error_response().ok(),
        exception if exception.ends_with("Exception") => Some(XmlError { code: root, ..XmlError::default() }),
        _ => None,
    }
}

fn unreadable(why: impl Into<String>) -> Unreadable {
    Unreadable { why: why.into(), truncated: false }
}

/// A pull parser that knows only elements and their text. Empty elements come as a start and an end.
struct Xml<'a> {
    reader: Reader<&'a [u8]>,
}

impl<'a> Xml<'a> {
    fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader }
    }

    fn event(&mut self) -> Result<Event<'a>, Unreadable> {
        match self.reader.read_event() {
            Ok(Event::Eof) => Err(Unreadable { why: "it ends inside an element".into(), truncated: true }),
            Ok(event) => Ok(event),
            // The parser's own end-of-file errors are about markup cut in two.
            Err(error @ quick_xml::Error::Syntax(_)) => {
                Err(Unreadable { why: error.to_string(), truncated: true })
            }
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    /// The name of the root element, past the prolog.
    fn root(&mut self) -> Result<String, Unreadable> {
        loop {
            match self.event()? {
                Event::Start(start) => return Ok(name(start.local_name().as_ref())),
                Event::DocType(_) => return Err(unreadable("it has a document type, as HTML pages have")),
                Event::Text(text) if !text.trim().is_empty() => return Err(unreadable("it is not XML")),
                _ => {}
            }
        }
    }

    /// Nothing comes after the root: a second document would have messages too.
    fn end(&mut self) -> Result<(), Unreadable> {
        loop {
            match self.reader.read_event() {
                Ok(Event::Eof) => return Ok(()),
                Ok(Event::Comment(_) | Event::PI(_)) => {}
                Ok(Event::Text(text)) if text.trim().is_empty() => {}
                Ok(_) => return Err(unreadable("something comes after its end")),
                Err(error) => return Err(unreadable(error.to_string())),
            }
        }
    }

    /// The next child element of the one being read, or `None` at its end.
    fn child(&mut self) -> Result<Option<String>, Unreadable> {
        loop {
            match self.event()? {
                Event::Start(start) => return Ok(Some(name(start.local_name().as_ref()))),
                Event::End(_) => return Ok(None),
                Event::Text(text) if !text.trim().is_empty() => {
                    return Err(unreadable("it has text where an element belongs"));
                }
                Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(unreadable("it has text where an element belongs"));
                }
                _ => {}
            }
        }
    }

    /// The text of the element being read, up to its end.
    fn text(&mut self) -> Result<String, Unreadable> {
        let mut text = String::new();
        loop {
            match self.event()? {
                Event::Text(part) => text.push_str(&part),
                Event::CData(part) => text.push_str(&part),
                Event::GeneralRef(reference) => text.push(resolve(&reference)?),
                Event::End(_) => return Ok(text),
                Event::Start(start) => {
                    let name = name(start.local_name().as_ref());
                    return Err(unreadable(format!("it has <{name}> where text belongs")));
                }
                _ => {}
            }
        }
    }

    /// Passes over the element being read.
    fn skip(&mut self) -> Result<(), Unreadable> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.event()? {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    fn receive_message_response(&mut self) -> Result<Received, Unreadable> {
        let (mut messages, mut request_id) = (None, None);
        while let Some(child) = self.child()? {
            match child.as_str() {
                "ReceiveMessageResult" if messages.is_none() => messages = Some(self.messages()?),
                "ResponseMetadata" => request_id = self.member("RequestId")?,
                other => return Err(unreadable(format!("it has <{other}> beside its result"))),
            }
        }
        let messages = messages.ok_or_else(|| unreadable("it has no <ReceiveMessageResult>"))?;
        Ok(Received { messages, shape: Shape::QueryXml, request_id })
    }

    fn messages(&mut self) -> Result<Vec<PackedMessage>, Unreadable> {
        let mut packer = Packer::default();
        while let Some(child) = self.child()? {
            match child.as_str() {
                "Message" => self.message(&mut packer)?,
                other => return Err(unreadable(format!("it has <{other}> among its messages"))),
            }
        }
        Ok(packer.messages())
    }

    fn message(&mut self, packer: &mut Packer) -> Result<(), Unreadable> {
        let (mut has_id, mut has_body) = (false, false);
        while let Some(child) = self.child()? {
            match child.as_str() {
                "MessageId" if has_id => return Err(unreadable("it has a message with two of <MessageId>")),
                "Body" if has_body => return Err(unreadable("it has a message with two of <Body>")),
                "MessageId" => {
                    packer.message_id(&self.text()?);
                    has_id = true;
                }
                "Body" => {
                    packer.body(&self.text()?);
                    has_body = true;
                }
                "ReceiptHandle" => packer.receipt_handle(&self.text()?),
                "MD5OfBody" => packer.md5_of_body(&self.text()?),
                "MD5OfMessageAttributes" => packer.md5_of_message_attributes(&self.text()?),
                "Attribute" => {
                    let (name, value) = self.attribute(Self::text)?;
                    packer.attribute(&name, &value);
                }
                "MessageAttribute" => {
                    let (name, value) = self.attribute(Self::typed_value)?;
                    packer.message_attribute(&name, value.attribute());
                }
                _ => self.skip()?,
            }
        }
        match (has_id, has_body) {
            (false, _) => Err(unreadable("it has a message without <MessageId>")),
            (_, false) => Err(unreadable("it has a message without <Body>")),
            _ => {
                packer.end_message();
                Ok(())
            }
        }
    }

    fn attribute<V>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<V, Unreadable>,
    ) -> Result<(String, V), Unreadable> {
        let (mut key, mut value) = (None, None);
        while let Some(child) = self.child()? {
            match child.as_str() {
                "Name" => key = Some(self.text()?),
                "Value" => value = Some(read(self)?),
                _ => self.skip()?,
            }
        }
        key.zip(value).ok_or_else(|| unreadable("it has an attribute without a name or a value"))
    }

    fn typed_value(&mut self) -> Result<CustomValue<'static>, Unreadable> {
        let (mut data_type, mut string, mut binary) = (String::new(), None, None);
        while let Some(child) = self.child()? {
            match child.as_str() {
                "DataType" => data_type = self.text()?,
                "StringValue" => string = Some(self.text()?.into()),
                "BinaryValue" => binary = Some(self.text()?.into()),
                _ => self.skip()?,
            }
        }
        Ok(CustomValue::new(data_type.into(), string, binary))
    }

    fn error_response(&mut self) -> Result<XmlError, Unreadable> {
        let mut error = XmlError::default();
        while let Some(child) = self.child()? {
            match child.as_str() {
                // `<Response><Errors><Error>` is the older form of the same. It is one level and no more: whoever nests
                // it a million times deep would have the stack.
                "Errors" => {
                    while let Some(child) = self.child()? {
                        if child == "Error" { self.error_members(&mut error)? } else { self.skip()? }
                    }
                }
                "Error" => self.error_members(&mut error)?,
                "RequestId" | "RequestID" => error.request_id = Some(self.text()?),
                _ => self.skip()?,
            }
        }
        if error.code.is_empty() { Err(unreadable("its error has no code")) } else { Ok(error) }
    }

    fn error_members(&mut self, error: &mut XmlError) -> Result<(), Unreadable> {
        while let Some(child) = self.child()? {
            match child.as_str() {
                "Code" => error.code = self.text()?,
                "Message" => error.message = Some(self.text()?),
                "Type" => error.fault_type = Some(self.text()?),
                _ => self.skip()?,
            }
        }
        Ok(())
    }

    /// The text of the child called `wanted`, passing over the others.
    fn member(&mut self, wanted: &str) -> Result<Option<String>, Unreadable> {
        let mut found = None;
        while let Some(child) = self.child()? {
            if child == wanted {
                found = Some(self.text()?);
            } else {
                self.skip()?;
            }
        }
        Ok(found)
    }
}

fn name(name: &str) -> String {
    name.to_owned()
}

fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Result<char, Unreadable> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| unreadable(error.to_string()))? {
        return Ok(character);
    }
    match &**reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        other => Err(unreadable(format!("it has the unknown entity &{other};"))),
    }
}

pub(super) fn encode(messages: &[Message], request_id: &str) -> Vec<u8> {
    let mut xml = format!("<?xml version=\"1.0\"?>\n<ReceiveMessageResponse xmlns=\"{NAMESPACE}\">");
    if messages.is_empty() {
        xml.push_str("<ReceiveMessageResult/>");
    } else {
        xml.push_str("<ReceiveMessageResult>");
        for message in messages {
            write_message(&mut xml, message);
        }
        xml.push_str("</ReceiveMessageResult>");
    }
    xml.push_str("<ResponseMetadata>");
    element(&mut xml, "RequestId", request_id);
    xml.push_str("</ResponseMetadata></ReceiveMessageResponse>");
    xml.into_bytes()
}

fn write_message(xml: &mut String, message: &Message) {
    xml.push_str("<Message>");
    element(xml, "MessageId", &message.message_id);
    element(xml, "ReceiptHandle", &message.receipt_handle);
    for (name, md5) in
        [("MD5OfBody", &message.md5_of_body), ("MD5OfMessageAttributes", &message.md5_of_message_attributes)]
    {
        if let Some(md5) = md5 {
            element(xml, name, md5);
        }
    }
    element(xml, "Body", &message.body);
    for (name, value) in message.attributes.iter() {
        xml.push_str("<Attribute>");
        element(xml, "Name", name.as_str());
        element(xml, "Value", value);
        xml.push_str("</Attribute>");
    }
    for (name, attribute) in message.message_attributes.iter() {
        xml.push_str("<MessageAttribute>");
        element(xml, "Name", name);
        xml.push_str("<Value>");
        element(xml, value_member(attribute), &attribute.value.to_text());
        element(xml, "DataType", &attribute.data_type);
        xml.push_str("</Value></MessageAttribute>");
    }
    xml.push_str("</Message>");
}

fn element(xml: &mut String, name: &str, text: &str) {
    // A bare carriage return would be read back as a line feed by any conforming parser.
    let _ = write!(xml, "<{name}>{}</{name}>", escape(text).replace('\r', "&#xD;"));
}
