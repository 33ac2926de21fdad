//! From text to a filter, by recursive descent: `or`, then `and`, then `not`, then what stands alone.

use std::cell::Cell;

use super::literal::{Literal, value};
use super::path::{Path, end_of_quote};
use super::time::Written;
use super::{Comparison, Expression, Field, Flag, Problem, Saved, Test};
use crate::text::{nearest, visible};

/// Brackets within brackets, and filters within filters.
const DEEPEST: usize = 32;
/// Saved filters that one filter may come to name, each as often as it is named: thirty that name the next one twice
/// would be a billion.
const MOST_NAMED: usize = 500;

const FIELDS: [&str; 10] = ["body", "attr", "custom", "size", "age", "id", "group", "sent", "received", "is"];
const FLAGS: [(&str, Flag); 5] = [
    ("poison", Flag::Poison),
    ("redelivered", Flag::Redelivered),
    ("new", Flag::New),
    ("pinned", Flag::Pinned),
    ("altered", Flag::Altered),
];

pub(super) fn parse(text: &str, saved: &Saved) -> Result<Expression, Problem> {
    parse_within(text, saved, &[], 0, &Cell::new(MOST_NAMED))
}

/// `within` are the saved filters that this one is a part of, `to_name` how many more may be named.
fn parse_within(
    text: &str,
    saved: &Saved,
    within: &[&str],
    depth: usize,
    to_name: &Cell<usize>,
) -> Result<Expression, Problem> {
    let text: Vec<char> = text.chars().collect();
    let mut parser = Parser { text: &text, at: 0, saved, within, depth, to_name };
    parser.space();
    if parser.is_done() {
        return Ok(Expression::All(Vec::new()));
    }
    let expression = parser.any()?;
    match parser.peek() {
        None => Ok(expression),
        Some(')') => Err(parser.problem("there is no ( to close")),
        Some(_) => Err(parser.problem("this does not belong here")),
    }
}

pub(super) struct Parser<'a> {
    pub(super) text: &'a [char],
    pub(super) at: usize,
    saved: &'a Saved,
    within: &'a [&'a str],
    depth: usize,
    to_name: &'a Cell<usize>,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Expression, Problem> {
        let mut parts = vec![self.all()?];
        while self.keyword("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, Problem> {
        let mut parts = vec![self.not()?];
        loop {
            let asked = self.keyword("and");
            if !asked && (self.is_done() || self.peek() == Some(')') || self.is_keyword("or")) {
                return Ok(one_or(parts, Expression::All));
            }
            parts.push(self.not()?);
        }
    }

    fn not(&mut self) -> Result<Expression, Problem> {
        if self.keyword("not") {
            return self.deeper(|parser| Ok(Expression::Not(Box::new(parser.not()?))));
        }
        self.alone()
    }

    fn alone(&mut self) -> Result<Expression, Problem> {
        let expression = match self.peek() {
            None => return Err(self.problem("something is missing here")),
            Some(')') => return Err(self.problem("something is missing before )")),
            Some('(') => {
                let open = self.at;
                self.at += 1;
                self.space();
                let inner = self.deeper(Self::any)?;
                if self.peek() != Some(')') {
                    return Err(Problem { column: open, what: "this ( is not closed".into() });
                }
                self.at += 1;
                inner
            }
            Some('"') => Expression::Anywhere(self.quoted()?.text_pattern()),
            Some('/') => Expression::Anywhere(self.pattern()?),
            Some('@') => self.saved()?,
            Some(_) if self.is_keyword("and") || self.is_keyword("or") => {
                return Err(self.problem("something is missing before this"));
            }
            Some(_) => self.word()?,
        };
        self.space();
        Ok(expression)
    }

    /// A field with its test, or a plain word.
    fn word(&mut self) -> Result<Expression, Problem> {
        let start = self.at;
        let name: String = self.text[start..].iter().take_while(|c| c.is_ascii_alphabetic()).collect();
        let after = start + name.len();
        if FIELDS.contains(&name.as_str()) {
            let begun = self.at;
            self.at = after;
            let path_end = self.path_end();
            let has_path = path_end > after;
            self.at = path_end;
            if let Some(expression) = self.tested(&name, after..path_end, has_path)? {
                return Ok(expression);
            }
            self.at = begun;
        } else {
            self.refuse_unknown(&name, after)?;
        }
        let text = self.plain();
        Ok(Expression::Anywhere(Literal { text, quoted: false }.text_pattern()))
    }

    /// `nmae:value` is a slip of the finger, `https://…` and `12:30` are not.
    fn refuse_unknown(&self, name: &str, after: usize) -> Result<(), Problem> {
        let rest = &self.text[after.min(self.text.len())..];
        let operator = matches!(rest, [':' | '=', next, ..] if !matches!(next, '/' | ':'))
            || matches!(rest, ['!', '=', ..] | ['<' | '>', ..]);
        let is_operator = |c: char| matches!(c, '=' | '!' | '<' | '>');
        let dotted = matches!(rest, ['.', ..]) && {
            let mut beyond = rest.iter().skip_while(|c| !c.is_whitespace() && !is_operator(**c));
            beyond.find(|c| !c.is_whitespace()).is_some_and(|c| is_operator(*c))
        };
        if name.len() < 2 || !(operator || dotted) {
            return Ok(());
        }
        let what = match nearest(name, FIELDS) {
            Some(near) => format!("there is no field {name}; did you mean {near}? Quotes make it text"),
            None => format!("there is no field {name}; there are {}. Quotes make it text", FIELDS.join(", ")),
        };
        Err(Problem { column: after - name.len(), what })
    }

    /// Where the path after a field's name ends: quotes and brackets may hold anything.
    fn path_end(&self) -> usize {
        let mut at = self.at;
        if !matches!(self.text.get(at), Some('.' | '[')) {
            return at;
        }
        let mut bracket = false;
        while let Some(&c) = self.text.get(at) {
            match c {
                '"' if bracket => at = end_of_quote(self.text, at).unwrap_or(self.text.len() - 1),
                '[' => bracket = true,
                ']' => bracket = false,
                _ if bracket && !c.is_whitespace() => {}
                _ if c.is_whitespace() || matches!(c, ':' | '=' | '!' | '<' | '>' | '~' | '(' | ')') => break,
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// The test that follows a field; none where no operator does and the word is plain text after all.
    fn tested(
        &mut self,
        name: &str,
        path: std::ops::Range<usize>,
        has_path: bool,
    ) -> Result<Option<Expression>, Problem> {
        let end = self.at;
        self.space();
        let operator = self.operator();
        let Some((operator, place)) = operator else {
            self.at = end;
            if !has_path {
                return Ok(None);
            }
            let field = self.field(name, path)?;
            return Ok(Some(Expression::Field(field, Test::Exists)));
        };
        if name == "is" {
            return self.flag(operator, place).map(Some);
        }
        let field = self.field(name, path)?;
        self.space();
        let value_at = self.at;
        if operator == "~" || (operator == ":" && self.peek() == Some('/')) {
            if self.peek() != Some('/') {
                return Err(self.problem("a regular expression stands between slashes"));
            }
            return Ok(Some(Expression::Field(field, Test::Has(self.pattern()?))));
        }
        let literal = self.literal()?;
        let numeric = matches!(field, Field::Size | Field::Age | Field::Sent | Field::Received);
        if operator == ":" && !numeric {
            return Ok(Some(Expression::Field(field, Test::Has(literal.text_pattern()))));
        }
        let comparison = match operator {
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            "!=" => Comparison::NotEqual,
            _ => Comparison::Equal,
        };
        if matches!(field, Field::Sent | Field::Received) {
            let time = Written::parse(&literal.text).ok_or_else(|| Problem {
                column: value_at,
                what: format!(
                    "a time is written 03:12, 03:12:04 or 2026-03-01T03:12, a range 03:12..03:15, not {}",
                    visible(&literal.text)
                ),
            })?;
            return Ok(Some(Expression::Field(field, Test::Timed(comparison, time))));
        }
        let value = value(&field, literal).map_err(|what| Problem { column: value_at, what })?;
        Ok(Some(Expression::Field(field, Test::Compares(comparison, value))))
    }

    fn flag(&mut self, operator: &str, place: usize) -> Result<Expression, Problem> {
        if !matches!(operator, ":" | "=") {
            return Err(Problem { column: place, what: "is takes a colon, as in is:new".into() });
        }
        self.space();
        let start = self.at;
        let word = self.plain();
        let flag = FLAGS.iter().find(|(name, _)| *name == word.as_str());
        flag.map(|(_, flag)| Expression::Is(*flag)).ok_or_else(|| {
            let names = FLAGS.map(|(name, _)| name);
            let what = match nearest(&word, names) {
                Some(near) => format!("a message is never {}; did you mean {near}?", visible(&word)),
                None => format!("a message can be {}", names.join(", ")),
            };
            Problem { column: start, what }
        })
    }

    fn field(&self, name: &str, path: std::ops::Range<usize>) -> Result<Field, Problem> {
        let start = path.start;
        let path = &self.text[path];
        let named = || -> Result<Option<String>, Problem> {
            match path {
                [] => Ok(None),
                ['.', name @ ..] if !name.is_empty() => Ok(Some(name.iter().collect())),
                _ => {
                    Err(Problem { column: start, what: "a name follows the dot, as in attr.SenderId".into() })
                }
            }
        };
        let alone = |field: Field| match path {
            [] => Ok(field),
            _ => Err(Problem { column: start, what: format!("{name} has no parts") }),
        };
        match name {
            "body" => {
                let wrong = |(at, what): (usize, &str)| Problem { column: start + at, what: what.into() };
                Path::parse(path).map(Field::Body).map_err(wrong)
            }
            "attr" => named().map(Field::Attribute),
            "custom" => named().map(Field::Custom),
            "size" => alone(Field::Size),
            "age" => alone(Field::Age),
            "id" => alone(Field::Id),
            "sent" => alone(Field::Sent),
            "received" => alone(Field::Received),
            _ => alone(Field::Group),
        }
    }

    fn operator(&mut self) -> Option<(&'static str, usize)> {
        let place = self.at;
        let two: String = self.text[place..].iter().take(2).collect();
        let known = ["!=", ">=", "<=", "=", ">", "<", "~", ":"];
        let operator = known.into_iter().find(|operator| two.starts_with(operator))?;
        self.at += operator.len();
        Some((operator, place))
    }

    fn saved(&mut self) -> Result<Expression, Problem> {
        let start = self.at;
        self.at += 1;
        let name = self.plain();
        let Some(text) = self.saved.get(&name) else {
            let what = match nearest(&name, self.saved.keys().map(String::as_str)) {
                Some(near) => {
                    format!("no filter is saved as {}; did you mean @{}?", visible(&name), visible(near))
                }
                None => format!("no filter is saved as {}", visible(&name)),
            };
            return Err(Problem { column: start, what });
        };
        if self.within.contains(&name.as_str()) {
            return Err(Problem { column: start, what: format!("@{} names itself", visible(&name)) });
        }
        let Some(left) = self.to_name.get().checked_sub(1) else {
            return Err(Problem { column: start, what: "too many saved filters are named in all".into() });
        };
        self.to_name.set(left);
        let within = [self.within, &[name.as_str()]].concat();
        self.deeper(|parser| parse_within(text, parser.saved, &within, parser.depth, parser.to_name)).map_err(
            |problem| {
                let what = format!("in @{}: {}", visible(&name), problem.what);
                Problem { column: start, what }
            },
        )
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        if self.depth >= DEEPEST {
            return Err(self.problem("this is nested too deeply"));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// Whether a keyword stands here, as a word of its own, in lower or upper case.
    fn is_keyword(&self, keyword: &str) -> bool {
        let word = self.text[self.at..].iter().take_while(|c| !c.is_whitespace() && !matches!(c, '(' | ')'));
        // No further than it takes to tell: a text without spaces would be read to its end at each of its parts.
        let word: String = word.take(keyword.len() + 1).collect();
        word == keyword || word == keyword.to_uppercase()
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let is = self.is_keyword(keyword);
        if is {
            self.at += keyword.len();
            self.space();
        }
        is
    }

    fn space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn problem(&self, what: &str) -> Problem {
        Problem { column: self.at, what: what.into() }
    }
}

fn one_or(mut parts: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Expression {
    if parts.len() > 1 { several(parts) } else { parts.remove(0) }
}
