//! `rules/README.md`: the index that a code host shows when the folder is opened.
//!
//! `UPDATE=1 cargo test --test project index` writes it.

use sfcred::internals::check::{CATEGORIES, RULES};
use sfcred::internals::rule::FixKind;

use crate::common::{read, root};

fn index() -> String {
    let mut text = String::from(
        "# Rules\n\nEach rule has one page. `sfcred explain NAME` prints it, and `sfcred rules` lists all rules.\n\
         The pages in [answers/](answers) explain Salesforce's own error messages.\n\n",
    );
    text.push_str(
        "*error*: the callout or the deployment fails, or a secret leaks. *warning*: works today or cannot be proven to fail. \
         *note*: works, but worth knowing.\n\n",
    );
    text.push_str(
        "A *safe* fix is mechanical and keeps the meaning. Review an *unsafe* fix before you commit it.\n",
    );
    for (category, title) in CATEGORIES {
        text.push_str(&format!(
            "\n## {title}\n\n| rule | severity | fix | finds |\n| --- | --- | --- | --- |\n"
        ));
        for rule in RULES.iter().filter(|rule| rule.category == *category) {
            let page = rule.page();
            let fix = match page.head.fix {
                Some(FixKind::Safe) => "safe",
                Some(FixKind::Unsafe) => "unsafe",
                None => "",
            };
            text.push_str(&format!(
                "| [`{0}`]({0}.md) | {1} | {fix} | {2} |\n",
                rule.name,
                page.head.severity,
                page.summary.replace('|', "\\|")
            ));
        }
    }
    text
}

#[test]
fn the_category_of_a_page_is_the_folder_of_its_check() {
    for rule in RULES.iter() {
        assert_eq!(rule.page().head.category, rule.category, "rules/{}.md", rule.name);
    }
}

#[test]
fn the_index_is_up_to_date() {
    let path = root().join("rules/README.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, index()).unwrap();
    }
    assert_eq!(read(&path), index(), "UPDATE=1 cargo test the_index_is_up_to_date");
}
