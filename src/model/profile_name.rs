//! Names of profiles. Apps and users refer to a profile by its name in the language of the org, but the files of
//! standard profiles have other names.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The standard profiles: file names, and names in Setup, by language. *System Administrator* comes first.
///
/// Sources: Salesforce Help "Standard Profiles", and the names in retrieved metadata of public projects.
const STANDARD: &[&[&str]] = &[
    &[
        "Admin",
        "System Administrator",
        "Systemadministrator",
        "Administrateur système",
        "Administrateur du système",
        "Administrador del sistema",
        "Administrador do sistema",
        "Amministratore del sistema",
        "Systeembeheerder",
        "Systemadministratör",
        "Systemadministratør",
        "Järjestelmänvalvoja",
        "システム管理者",
        "系统管理员",
        "系統管理員",
        "시스템 관리자",
        "Системный администратор",
        "Administrator systemu",
        "Správce systému",
        "Sistem Yöneticisi",
        "ผู้ดูแลระบบ",
        "Amministratore di sistema",
        "Systemansvarlig",
        "Järjestelmän ylläpitäjä",
        "Järjestelmän pääkäyttäjä",
        "Rendszergazda",
    ],
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
    &[
        "StandardAul",
        "Standard Platform User",
        "Standardplattformbenutzer",
        "標準プラットフォームユーザー",
        "標準プラットフォームユーザ",
        "Standard-Plattformbenutzer",
        "Utilisateur de plate-forme standard",
        "標準 Platform ユーザー",
        "標準 Platform ユーザ",
    ],
    &[
        "ReadOnly",
        "Read Only",
        "Lesezugriff",
        "Lecture seule",
        "Sólo lectura",
        "Solo lectura",
        "Somente leitura",
        "Sola lettura",
        "Alleen-lezen",
        "参照のみ",
        "Schreibgeschützt",
        "Nur Lesen",
        "只读",
        "唯讀",
        "읽기 전용",
    ],
    &[
        "MarketingProfile",
        "Marketing User",
        "Marketingbenutzer",
        "Utilisateur marketing",
        "マーケティングユーザー",
        "Usuario de marketing",
        "Usuário de marketing",
        "Utente marketing",
        "Marketinggebruiker",
        "マーケティングユーザ",
    ],
    &[
        "ContractManager",
        "Contract Manager",
        "Vertragsmanager",
        "Gestionnaire de contrats",
        "Gestionnaire de contrat",
        "Administrador de contratos",
        "Gerente de contratos",
        "契約管理者",
    ],
    &[
        "SolutionManager",
        "Solution Manager",
        "Lösungsmanager",
        "Gestionnaire de solutions",
        "Administrador de soluciones",
        "Gerente de soluções",
        "ソリューション管理者",
    ],
    &["MinimumAccess", "Minimum Access - Salesforce"],
    &["Minimum Access - API Only Integrations"],
    &["Salesforce API Only System Integrations"],
    &["Standard Platform One App User"],
    &["Analytics Cloud Integration User"],
    &["Analytics Cloud Security User"],
    &["Sales Insights Integration User"],
    &["SalesforceIQ Integration User"],
    &["B2BMA Integration User"],
    &["Anypoint Integration"],
    &["Einstein Agent User"],
    &["Cross Org Data Proxy User"],
    &["Identity User"],
    &["External Identity User"],
    &["Automated Process"],
    &["Platform Integration User"],
    &["Chatter External User", "ChatterExternalUser"],
    &["Chatter Free User", "ChatterFreeUser"],
    &["Chatter Moderator User", "ChatterModeratorUser"],
    &["Work.com Only User"],
    &["Customer Community User"],
    &["Customer Community Login User"],
    &["Customer Community Plus User"],
    &["Customer Community Plus Login User"],
    &["Partner Community User"],
    &["Partner Community Login User"],
    &["External Apps User"],
    &["External Apps Login User"],
    &["Channel Account User"],
    &["Company Communities User"],
    &["B2B Reordering Portal Buyer Profile"],
    &["High Volume Customer Portal", "HighVolumePortal"],
    &["High Volume Customer Portal User", "HighVolumePortalUser"],
    &["Authenticated Website", "AuthenticatedWebsite"],
    &["Authenticated Website User"],
    &["Customer Portal Manager"],
    &["Customer Portal Manager Custom"],
    &["Customer Portal Manager Standard"],
    &["Customer Portal User"],
    &["CustomerManager"],
    &["CustomerUser"],
    &["Overage Customer Portal Manager Custom"],
    &["Overage Customer Portal Manager Standard"],
    &["Overage High Volume Customer Portal"],
    &["Overage High Volume Customer Portal User"],
    &["Overage Authenticated Website User"],
    &["Partner User", "PartnerUser"],
    &["Gold Partner User"],
    &["Silver Partner User"],
    &["Bronze Partner User"],
    &["Guest"],
    &["Guest User"],
    &["Guest License User"],
    &["Standard Guest"],
    &["Force.com - App Subscription User"],
    &["Force.com - Free User"],
    &["Force.com - One App User"],
];

/// Whether two names refer to the same profile; `None` if one of them may be an unknown translation.
pub fn same_profile(left: &str, right: &str) -> Option<bool> {
    let (left, right) = (fold_profile(left), fold_profile(right));
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

/// Whether the name is that of a standard profile.
pub fn is_standard_profile(name: &str) -> bool {
    standard(&fold_profile(name)).is_some()
}

/// Whether a profile is the *System Administrator*, in any known language.
pub fn is_system_administrator(name: &str) -> bool {
    standard(&fold_profile(name)) == Some(0)
}

/// The file name of a standard profile, by any of its names.
pub fn standard_file_name(name: &str) -> Option<&'static str> {
    standard(&fold_profile(name)).and_then(|number| STANDARD[number].first().copied())
}

/// The index of a standard profile in [`STANDARD`].
fn standard(folded_name: &str) -> Option<usize> {
    static NUMBERS: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
        let numbered = STANDARD.iter().enumerate();
        numbered
            .flat_map(|(number, names)| names.iter().map(move |name| (fold_profile(name), number)))
            .collect()
    });
    NUMBERS.get(folded_name).copied()
}

/// The normalized name of a profile, for comparisons.
pub(super) fn fold_profile(name: &str) -> String {
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

    #[test]
    fn translated_names_are_equal() {
        for name in [
            "System Administrator",
            "systemadministrator",
            " Administrateur système ",
            "システム管理者",
            "СИСТЕМНЫЙ АДМИНИСТРАТОР",
            "Admin",
        ] {
            assert!(is_system_administrator(name), "{name}");
            assert!(is_standard_profile(name), "{name}");
        }
        assert!(is_standard_profile("Minimum Access - Salesforce"));
        for name in ["Integration", "System Administrator EMEA", "Admin Light", ""] {
            assert!(!is_standard_profile(name), "{name}");
        }
    }
}
