//! A template's YAML with its short-form tags and line numbers.
//!
//! saphyr is read here because it keeps both: a tag such as `!Ref` is a node of its own, and every node knows its line.

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

/// A node of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// The short-form function, such as `Ref`.
    pub tag: Option<String>,
    pub content: Content,
    /// From 1.
    pub line: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    Nothing,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The document in `text`; the error is a line and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let documents = MarkedYaml::load_from_str(text)
            .map_err(|error| (error.marker().line(), error.info().to_owned()))?;
        match documents.as_slice() {
            [document] => Self::of(document),
            _ => Err((
                1,
                format!("it holds {} documents, not one", documents.len()),
            )),
        }
    }

    fn of(yaml: &MarkedYaml<'_>) -> Result<Self, (usize, String)> {
        let line = yaml.span.start.line();
        let content = match &yaml.data {
            YamlData::Tagged(tag, node) => {
                let node = Self::of(node)?;
                return Ok(Self {
                    tag: Some(tag.suffix.clone()),
                    line,
                    ..node
                });
            }
            YamlData::Value(Scalar::Null) => Content::Nothing,
            YamlData::Value(Scalar::Boolean(truth)) => Content::Text(truth.to_string()),
            YamlData::Value(Scalar::Integer(number)) => Content::Text(number.to_string()),
            YamlData::Value(Scalar::FloatingPoint(number)) => Content::Text(number.to_string()),
            YamlData::Value(Scalar::String(text)) => Content::Text(text.to_string()),
            YamlData::Sequence(nodes) => {
                Content::List(nodes.iter().map(Self::of).collect::<Result<_, _>>()?)
            }
            YamlData::Mapping(entries) => {
                let entry = |(key, value)| {
                    let key = Self::of(key)?;
                    let line = key.line;
                    let name = key.text().ok_or((line, "a key is text".to_owned()))?;
                    Ok((name.to_owned(), Self::of(value)?))
                };
                Content::Map(entries.iter().map(entry).collect::<Result<_, _>>()?)
            }
            YamlData::Representation(..) | YamlData::Alias(_) | YamlData::BadValue => {
                return Err((line, "a template has plain values, no aliases".to_owned()));
            }
        };
        Ok(Self {
            tag: None,
            content,
            line,
        })
    }

    /// The member `name` of a mapping.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entries()
            .find_map(|(key, node)| (key == name).then_some(node))
    }

    /// The node at the end of this path of members.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    /// The members of a mapping; none of anything else.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Node)> {
        let entries = match &self.content {
            Content::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|(name, node)| (name.as_str(), node))
    }

    /// The elements of a list; none of anything else.
    pub fn elements(&self) -> &[Node] {
        match &self.content {
            Content::List(nodes) => nodes,
            _ => &[],
        }
    }

    /// A scalar's text, tagged or not.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A scalar's text when it stands there as it is.
    pub fn plain(&self) -> Option<&str> {
        self.text().filter(|_| self.tag.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_lines_are_kept() {
        let node = Node::parse("A: !Ref Shop\nB:\n  - !If [X, 1, !Sub \"${Shop}-a\"]\n").unwrap();
        let a = node.get("A").unwrap();
        assert_eq!(
            (a.tag.as_deref(), a.text(), a.line),
            (Some("Ref"), Some("Shop"), 1)
        );
        let choice = &node.get("B").unwrap().elements()[0];
        assert_eq!((choice.tag.as_deref(), choice.line), (Some("If"), 3));
        assert_eq!(choice.elements()[1].plain(), Some("1"));
        assert_eq!(choice.elements()[2].tag.as_deref(), Some("Sub"));
    }

    #[test]
    fn what_is_no_yaml_is_told_with_its_line() {
        assert_eq!(Node::parse("A: [1\nB: 2\n").unwrap_err().0, 2);
    }
}
