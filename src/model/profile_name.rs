//! Names of profiles: apps and users name them as an org shows them, in its language; files name the standard ones otherwise.

use super::is_system_administrator;

/// The standard profiles but for the administrator, as far as they are met in practice: file names, and names in Setup, by language.
const STANDARD: &[&[&str]] = &[
    &[
        "Standard",
        "Standard User",
        "Standardbenutzer",
        "Utilisateur standard",
        "Usuario estándar",
        "Usuário padrão",
        "Utente standard",
        "Standaardgebruiker",
        "Standardanvändare",
        "Standardbruger",
        "Standardbruker",
        "Vakiokäyttäjä",
        "標準ユーザー",
        "標準ユーザ",
        "标准用户",
        "標準使用者",
        "표준 사용자",
        "Стандартный пользователь",
        "Użytkownik standardowy",
    ],
    &["StandardAul", "Standard Platform User", "Standardplattformbenutzer", "標準プラットフォームユーザー", "標準プラットフォームユーザ"],
    &["ReadOnly", "Read Only", "Lesezugriff", "Lecture seule", "Sólo lectura", "Solo lectura", "Somente leitura", "Sola lettura", "Alleen-lezen", "参照のみ"],
    &["MarketingProfile", "Marketing User", "Marketingbenutzer", "Utilisateur marketing", "マーケティングユーザー"],
    &["ContractManager", "Contract Manager", "Vertragsmanager"],
    &["SolutionManager", "Solution Manager", "Lösungsmanager"],
    &["MinimumAccess", "Minimum Access - Salesforce"],
    &["Minimum Access - API Only Integrations"],
    &["Salesforce API Only System Integrations"],
];

/// Whether two names mean one profile; `None` where one of them may be a translation that is not known here.
pub fn same_profile(left: &str, right: &str) -> Option<bool> {
    let (left, right) = (folded(left), folded(right));
    if left == right {
        return Some(true);
    }
    match (standard(&left), standard(&right)) {
        (Some(one), Some(other)) => Some(one == other),
        (Some(_), None) if !right.is_ascii() => None,
        (None, Some(_)) if !left.is_ascii() => None,
        (Some(_) | None, Some(_) | None) => Some(false),
    }
}

/// The number of a standard profile.
fn standard(folded_name: &str) -> Option<usize> {
    if is_system_administrator(folded_name) {
        return Some(STANDARD.len());
    }
    STANDARD.iter().position(|names| names.iter().any(|name| folded(name) == folded_name))
}

fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_profile_has_a_file_name_and_many_translations() {
        assert_eq!(same_profile("System Administrator", "Admin"), Some(true));
        assert_eq!(same_profile("Systemadministrator", "システム管理者"), Some(true));
        assert_eq!(same_profile("Systemadministrator", "Standardbenutzer"), Some(false));
        assert_eq!(same_profile("integration", "Integration"), Some(true));
        assert_eq!(same_profile("Integration", "System Administrator"), Some(false));
    }

    #[test]
    fn an_unknown_translation_proves_nothing() {
        assert_eq!(same_profile("Rendszergazda é", "System Administrator"), None);
        assert_eq!(same_profile("Büro", "Integration"), Some(false));
    }
}
