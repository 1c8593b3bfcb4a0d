//! What an operation's comment says: its route and what it does, more about that, and its answers.
//!
//! ```text
//! /// `DELETE /users/me`: deletes the caller's account and everything personal.
//! ///
//! /// Unpaid orders are cancelled.
//! ///
//! /// 204 · 409 open-orders, with `order_ids`
//! ```

use edge::Slug;
use local_shop::Route;

use crate::{operation, types::Types};

/// A comment, read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    /// Method and path.
    route: String,
    /// The names of the query's parameters.
    pub query: Vec<String>,
    /// What it does, in a line.
    pub summary: String,
    /// More about it; may be empty.
    pub description: String,
    /// What it answers, in the comment's order.
    pub answers: Vec<Answer>,
}

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its status, or each of them.
    pub statuses: Vec<u16>,
    /// The problems it may be, if it is a refusal.
    pub problems: Vec<Slug>,
    /// What else is said of it.
    pub remark: String,
}

/// What is wrong with a comment: the rest of a sentence that begins with it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommentError {
    /// The function, or its comment.
    #[error("is not there; it stands right before `pub async fn`")]
    Missing,
    /// A route at its beginning.
    #[error("must begin with the route and what it does, as in `GET /cart`: what is in the cart")]
    NoRoute,
    /// The route that the template has.
    #[error("says {said}, but infra/ says {template}")]
    OtherRoute {
        /// In the comment.
        said: String,
        /// In the template.
        template: String,
    },
    /// The answers at its end.
    #[error("must end with the answers, as in 200 order · 404 order-not-found")]
    NoAnswers,
    /// An answer that makes sense.
    #[error("has the answer {0}, which is none; write it as 409 out-of-stock, price-changed")]
    Answer(String),
    /// A problem of the shop.
    #[error("names {0}, which is no problem; they are in crates/edge/src/problem/slug.rs")]
    NoProblem(String),
    /// A parameter that the document can describe.
    #[error(
        "asks for the parameter {0}, which crates/openapi/src/operation.rs does not know yet; describe it there"
    )]
    NoParameter(String),
    /// Nothing: it says what goes without saying.
    #[error(
        "names {0}, which every operation of its kind may answer; leave it out, or say what is special about it"
    )]
    Implied(&'static str),
    /// The problem's own status.
    #[error("has {slug} under {status}, but that problem is {own}")]
    OtherStatus {
        /// The problem.
        slug: &'static str,
        /// In the comment.
        status: u16,
        /// Its own.
        own: u16,
    },
}

impl Comment {
    /// The comment of `function` in this source.
    pub fn of(source: &str, function: &str) -> Result<Self, CommentError> {
        let head = format!("pub async fn {function}(");
        let before: Vec<&str> = source
            .lines()
            .take_while(|line| !line.starts_with(&head))
            .collect();
        if before.len() == source.lines().count() {
            return Err(CommentError::Missing);
        }
        let lines = before.iter().rev();
        let lines = lines.map_while(|line| line.strip_prefix("///").map(str::trim));
        let mut lines: Vec<&str> = lines.collect();
        lines.reverse();
        let paragraphs: Vec<String> = lines
            .split(|line| line.is_empty())
            .map(|lines| lines.join(" "))
            .collect();
        Self::read(&paragraphs)
    }

    fn read(paragraphs: &[String]) -> Result<Self, CommentError> {
        let (first, rest) = paragraphs.split_first().ok_or(CommentError::Missing)?;
        let (last, middle) = rest.split_last().ok_or(CommentError::NoAnswers)?;
        let route = first.strip_prefix('`').and_then(|it| it.split_once("`: "));
        let (route, summary) = route.ok_or(CommentError::NoRoute)?;
        let (route, query) = route.split_once('?').unwrap_or((route, ""));
        let query = query.split('&').map(|name| name.trim_end_matches('='));
        Ok(Self {
            route: route.to_owned(),
            query: query
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            summary: capitalised(summary.trim_end_matches('.')),
            description: middle.join("\n\n"),
            answers: last.split(" · ").map(answer).collect::<Result<_, _>>()?,
        })
    }

    /// The comment, if it agrees with the operation's route and types.
    pub fn checked(self, route: &Route, types: &Types) -> Result<Self, CommentError> {
        let template = format!("{} {}", route.method, route.path);
        if self.route != template {
            let said = self.route;
            return Err(CommentError::OtherRoute { said, template });
        }
        let mut query = self.query.iter();
        if let Some(name) = query.find(|name| operation::query_parameter(name).is_none()) {
            return Err(CommentError::NoParameter(name.clone()));
        }
        let implied = operation::implied(route, types);
        let plain = self
            .answers
            .iter()
            .filter(|answer| answer.remark.is_empty());
        let mut said = plain.flat_map(|answer| &answer.problems);
        match said.find(|slug| implied.contains(slug)) {
            Some(slug) => Err(CommentError::Implied(slug.as_str())),
            None => Ok(self),
        }
    }
}

/// `201, 200 product` or `401 unauthenticated, also when the account is gone`.
fn answer(text: &str) -> Result<Answer, CommentError> {
    let mut statuses = Vec::new();
    let mut rest = text;
    while let Some((status, after)) = status(rest) {
        statuses.push(status);
        rest = after.trim_start_matches([',', ' ']);
    }
    let Some(&first) = statuses.first() else {
        return Err(CommentError::Answer(text.to_owned()));
    };
    if first < 400 {
        return Ok(Answer {
            statuses,
            problems: Vec::new(),
            remark: rest.to_owned(),
        });
    }
    let mut problems = Vec::new();
    let mut parts = rest.split(", ").peekable();
    while let Some(slug) = parts.peek().and_then(|part| slug(part)) {
        let (status, own) = (first, slug.status().as_u16());
        if status != own {
            let slug = slug.as_str();
            return Err(CommentError::OtherStatus { slug, status, own });
        }
        problems.push(slug);
        parts.next();
    }
    // What is one word is meant for a problem.
    match parts.peek() {
        Some(part) if !part.is_empty() && !part.contains(' ') => {
            return Err(CommentError::NoProblem((*part).to_owned()));
        }
        _ if problems.is_empty() => return Err(CommentError::Answer(text.to_owned())),
        _ => {}
    }
    Ok(Answer {
        statuses,
        problems,
        remark: parts.collect::<Vec<_>>().join(", "),
    })
}

/// The three digits that `text` begins with, and what comes after them.
fn status(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(3)?;
    let is_over = rest.is_empty() || rest.starts_with([',', ' ']);
    (is_over && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
        .map(|status| (status, rest))
}

fn slug(text: &str) -> Option<Slug> {
    let known = Slug::ALL.iter().find(|slug| slug.as_str() == text);
    known.copied()
}

/// `text` with a capital letter first.
pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(comment: &str) -> Result<Comment, CommentError> {
        Comment::of(&format!("{comment}\npub async fn f("), "f")
    }

    #[test]
    fn a_comment_is_route_summary_description_and_answers() {
        let comment = read(
            "/// `GET /products?category=&query=`: products in the\n/// order of their ids.\n///\n/// All of\n/// them.\n///\n\
             /// One more.\n///\n/// 201, 200 product · 204, also again · 404 product-not-found, also when hidden ·\n\
             /// 409 out-of-stock, price-changed",
        );
        let said = |statuses: &[u16], problems: &[Slug], remark: &str| Answer {
            statuses: statuses.to_vec(),
            problems: problems.to_vec(),
            remark: remark.into(),
        };
        let expected = Comment {
            route: "GET /products".into(),
            query: vec!["category".into(), "query".into()],
            summary: "Products in the order of their ids".into(),
            description: "All of them.\n\nOne more.".into(),
            answers: vec![
                said(&[201, 200], &[], "product"),
                said(&[204], &[], "also again"),
                said(&[404], &[Slug::ProductNotFound], "also when hidden"),
                said(&[409], &[Slug::OutOfStock, Slug::PriceChanged], ""),
            ],
        };
        assert_eq!(comment, Ok(expected));
    }

    #[test]
    fn what_a_comment_lacks_is_told() {
        let answers = |text: &str| read(&format!("/// `GET /cart`: a cart.\n///\n/// {text}"));
        assert_eq!(
            Comment::of("pub async fn g(", "f"),
            Err(CommentError::Missing)
        );
        assert_eq!(
            read("/// A cart.\n///\n/// 200"),
            Err(CommentError::NoRoute)
        );
        assert_eq!(
            read("/// `GET /cart`: a cart."),
            Err(CommentError::NoAnswers)
        );
        assert_eq!(
            answers("a cart"),
            Err(CommentError::Answer("a cart".into()))
        );
        assert_eq!(answers("404"), Err(CommentError::Answer("404".into())));
        assert_eq!(
            answers("409 out-of-stocks"),
            Err(CommentError::NoProblem("out-of-stocks".into()))
        );
        assert_eq!(
            answers("200 cart · 422 out-of-stock"),
            Err(CommentError::OtherStatus {
                slug: "out-of-stock",
                status: 422,
                own: 409
            })
        );
    }
}
