//! What messages about accounts say.

use domain::Secret;
use store::links::{Link, Purpose};

/// Subject and text of the message with this link. With the address of a site it names the site's page, else the request to
/// make.
pub(crate) fn letter(link: &Link, token: &Secret<String>, site: Option<&str>) -> (String, String) {
    let (subject, what, page, request, life, not_you) = match link.purpose {
        Purpose::VerifyEmail => (
            "Is this your e-mail address?",
            "Somebody made an account with this e-mail address. If it was you, show that it is yours",
            "verify-email",
            "POST /email-verifications",
            "7 days",
            "If it wasn't you, you need do nothing.",
        ),
        Purpose::ResetPassword => (
            "Set another password",
            "Somebody wants to set another password for your account. If it is you, do so",
            "reset-password",
            "POST /password-resets/completion",
            "half an hour, and once",
            "If it isn't you, you need do nothing: your password stays as it is.",
        ),
    };
    // Behind the #, where no server that the link leads to sees or logs it.
    let way = match site {
        Some(site) => format!(
            "here:\n\n{}/{page}#{}",
            site.trim_end_matches('/'),
            token.expose()
        ),
        None => format!("by {request} with this token:\n\n{}", token.expose()),
    };
    // Without the account's name: whoever registered it may be somebody else, who would have us send what they like.
    let text = format!("Hello,\n\n{what} {way}\n\nIt is good for {life}. {not_you}\n");
    (subject.to_owned(), text)
}

#[cfg(test)]
mod tests {
    use domain::UserId;

    use super::*;

    #[test]
    fn a_letter_leads_to_the_site_or_names_the_request() {
        let link = Link {
            id: "id".into(),
            purpose: Purpose::ResetPassword,
            user: UserId::from_random([1; 16]),
            session_epoch: 0,
            expires: 0,
            used_at: None,
        };
        let token = Secret::new("id.mac".to_owned());
        let (_, text) = letter(&link, &token, Some("https://shop.example/"));
        assert!(text.starts_with("Hello,\n\n"), "{text}");
        assert!(
            text.contains("\n\nhttps://shop.example/reset-password#id.mac\n\n"),
            "{text}"
        );
        let (_, text) = letter(&link, &token, None);
        assert!(
            text.contains("POST /password-resets/completion with this token:\n\nid.mac\n"),
            "{text}"
        );
    }
}
