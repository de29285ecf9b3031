//! The frame of a page: a file by itself that asks nothing of any network and runs nothing.

use super::markup::text;

/// How our pages look, by day and by night.
const STYLE: &str = include_str!("style.css");

/// What opens a page. The policy lets it load and run nothing, whatever is in it (W3C, Content Security Policy 3).
pub(in crate::report) fn head(title: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        text(title)
    )
}

/// What closes it.
pub(in crate::report) fn foot() -> String {
    format!(
        "<footer>Written by whyoom {}</footer>\n</main>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    )
}
