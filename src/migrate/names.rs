//! The names of the new components: valid, and not those of other components.

use crate::model::{Org, find_named, is_developer_name, without_namespace};
use crate::source::work;

/// The longest name that sfcred gives.
pub const MAX_LENGTH: usize = 40;

/// The names of everything that replaces one named credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    pub named: String,
    pub external: String,
    pub principal: &'static str,
    pub permission_set: String,
}

/// Why a name that the user chose cannot be used; `None` if it can be.
pub fn fault(name: &str) -> Option<String> {
    let bare = without_namespace(name);
    if !is_developer_name(bare) {
        return Some(
            "a name consists of letters, digits and single underscores, begins with a letter, \
             and does not end with an underscore"
                .to_owned(),
        );
    }
    (bare.len() > MAX_LENGTH).then(|| format!("a name has at most {MAX_LENGTH} characters"))
}

/// A name from an existing one and a suffix, for which `is_taken` is false. The namespace is kept.
pub fn unused(old: &str, suffix: &str, is_taken: impl Fn(&str) -> bool) -> String {
    // There are fewer components than numbers.
    let all = (1..).inspect(|_| work::step()).map(|number| numbered(old, suffix, number));
    all.into_iter().find(|name| !is_taken(name)).unwrap_or_default()
}

/// Whether [`unused`] makes this name of another, with any number.
pub fn derives(name: &str, old: &str, suffix: &str) -> bool {
    let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
    let number = name.get(name.len() - digits..).and_then(|digits| digits.parse().ok());
    let same = |number: usize| {
        without_namespace(&numbered(old, suffix, number))
            .eq_ignore_ascii_case(without_namespace(name))
    };
    same(1) || number.is_some_and(|number: usize| number > 1 && same(number))
}

fn numbered(old: &str, suffix: &str, number: usize) -> String {
    let bare = without_namespace(old);
    let prefix = old.strip_suffix(bare).unwrap_or_default();
    let ending = if number == 1 { suffix.to_owned() } else { format!("{suffix}_{number}") };
    let mut length = MAX_LENGTH.saturating_sub(ending.len()).min(bare.len());
    while !bare.is_char_boundary(length) {
        length -= 1;
    }
    format!("{prefix}{}{ending}", bare[..length].trim_end_matches('_'))
}

/// Whether an org has a named credential with this name.
pub fn is_named(org: &Org, name: &str) -> bool {
    find_named(&org.named_credentials, name).is_some()
}

/// Whether an org has an external credential with this name.
pub fn is_external(org: &Org, name: &str) -> bool {
    find_named(&org.external_credentials, name).is_some()
}

/// Whether an org has a permission set or a group with this name.
pub fn is_permission_set(org: &Org, name: &str) -> bool {
    find_named(&org.permission_sets, name).is_some()
        || find_named(&org.groups, name).is_some()
        || find_named(&org.muting, name).is_some()
}

/// The part of a label that the label of a permission set begins with.
pub fn short_label(label: &str) -> String {
    label.chars().take(60).collect()
}

/// A label that no permission set of an org has, with a number of at least `first` unless that is 1, and the number after it.
pub fn unused_label(org: &Org, label: &str, suffix: &str, first: usize) -> (String, usize) {
    let short = short_label(label);
    let numbered = |number: usize| match number {
        1 => format!("{} {suffix}", short.trim_end()),
        _ => format!("{} {suffix} {number}", short.trim_end()),
    };
    let is_free = |(_, label): &(usize, String)| org.permission_set_labeled(label).is_none();
    // There are fewer permission sets than numbers.
    let mut all = (first..).inspect(|_| work::step()).map(|number| (number, numbered(number)));
    let (number, label) = all.find(is_free).unwrap_or_default();
    (label, number + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_new_and_keeps_its_namespace() {
        assert_eq!(unused("Maps", "_V2", |_| false), "Maps_V2");
        assert_eq!(unused("ns__Maps", "_V2", |_| false), "ns__Maps_V2");
        assert_eq!(unused("Maps", "_V2", |name| name == "Maps_V2"), "Maps_V2_2");
        assert_eq!(unused("Maps", "", |name| name == "Maps"), "Maps_2");
        let long = unused(&"a".repeat(60), "_V2", |_| false);
        assert_eq!(long.len(), MAX_LENGTH);
        assert!(long.ends_with("a_V2"));
        let cut = unused(&format!("{}_bcdef", "a".repeat(36)), "_V2", |_| false);
        assert!(fault(&cut).is_none(), "{cut}");
        for (name, old) in
            [("Maps_V2", "Maps"), ("ns__Maps_V2_3", "maps"), (&long, &"a".repeat(60))]
        {
            assert!(derives(name, old, "_V2"), "{name}");
        }
        for (name, old) in [("Maps_V22", "Maps"), ("Maps_V2_1", "Maps"), ("Maps", "Maps")] {
            assert!(!derives(name, old, "_V2"), "{name}");
        }
    }

    #[test]
    fn only_developer_names_are_accepted() {
        for name in ["Maps", "ns__Maps", "a1_b"] {
            assert_eq!(fault(name), None, "{name}");
        }
        for name in ["", "1a", "a__b__c", "a_", "a-b", "../a", "ä", &"a".repeat(41)] {
            assert!(fault(name).is_some(), "{name}");
        }
    }
}
