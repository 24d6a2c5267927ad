//! Standard profiles by the names they go by: apps list display names, which differ from file names and from language to language.
//!
//! Sources: Salesforce Help "Standard Profiles", and the names in retrieved metadata of public projects.

/// *System Administrator* as orgs of different languages show it, and the name of its file.
const SYSTEM_ADMINISTRATOR: &[&str] = &[
    "System Administrator",
    "Admin",
    "Systemadministrator",
    "Administrateur système",
    "Administrador del sistema",
    "Administrador do sistema",
    "Amministratore del sistema",
    "Amministratore di sistema",
    "Systeembeheerder",
    "Systemadministratör",
    "Systemansvarlig",
    "Järjestelmän ylläpitäjä",
    "Järjestelmän pääkäyttäjä",
    "システム管理者",
    "系统管理员",
    "系統管理員",
    "시스템 관리자",
    "Системный администратор",
    "ผู้ดูแลระบบ",
    "Administrator systemu",
    "Správce systému",
    "Rendszergazda",
    "Sistem Yöneticisi",
];

/// The other standard profiles: display names, file names, and translations.
const STANDARD: &[&str] = &[
    "Standard User",
    "Standard",
    "Standardbenutzer",
    "Utilisateur standard",
    "Usuario estándar",
    "Usuário padrão",
    "Utente standard",
    "Standaardgebruiker",
    "Standardanvändare",
    "Standardbruger",
    "標準ユーザー",
    "標準ユーザ",
    "标准用户",
    "標準使用者",
    "표준 사용자",
    "Стандартный пользователь",
    "Read Only",
    "ReadOnly",
    "Schreibgeschützt",
    "Nur Lesen",
    "Lecture seule",
    "Solo lectura",
    "Sólo lectura",
    "Somente leitura",
    "Sola lettura",
    "Alleen-lezen",
    "参照のみ",
    "只读",
    "唯讀",
    "읽기 전용",
    "Solution Manager",
    "SolutionManager",
    "Lösungsmanager",
    "Gestionnaire de solutions",
    "Administrador de soluciones",
    "Gerente de soluções",
    "ソリューション管理者",
    "Marketing User",
    "MarketingProfile",
    "Marketingbenutzer",
    "Utilisateur Marketing",
    "Usuario de marketing",
    "Usuário de marketing",
    "Utente marketing",
    "Marketinggebruiker",
    "マーケティングユーザー",
    "マーケティングユーザ",
    "Contract Manager",
    "ContractManager",
    "Vertragsmanager",
    "Gestionnaire de contrats",
    "Gestionnaire de contrat",
    "Administrador de contratos",
    "Gerente de contratos",
    "契約管理者",
    "Standard Platform User",
    "StandardAul",
    "Standard-Plattformbenutzer",
    "Utilisateur de plate-forme standard",
    "標準 Platform ユーザー",
    "標準 Platform ユーザ",
    "Standard Platform One App User",
    "Minimum Access - Salesforce",
    "Minimum Access - API Only Integrations",
    "Salesforce API Only System Integrations",
    "Analytics Cloud Integration User",
    "Analytics Cloud Security User",
    "Sales Insights Integration User",
    "SalesforceIQ Integration User",
    "B2BMA Integration User",
    "Anypoint Integration",
    "Einstein Agent User",
    "Cross Org Data Proxy User",
    "Identity User",
    "External Identity User",
    "Automated Process",
    "Platform Integration User",
    "Chatter External User",
    "ChatterExternalUser",
    "Chatter Free User",
    "ChatterFreeUser",
    "Chatter Moderator User",
    "ChatterModeratorUser",
    "Work.com Only User",
    "Customer Community User",
    "Customer Community Login User",
    "Customer Community Plus User",
    "Customer Community Plus Login User",
    "Partner Community User",
    "Partner Community Login User",
    "External Apps User",
    "External Apps Login User",
    "Channel Account User",
    "Company Communities User",
    "B2B Reordering Portal Buyer Profile",
    "High Volume Customer Portal",
    "High Volume Customer Portal User",
    "HighVolumePortal",
    "HighVolumePortalUser",
    "Authenticated Website",
    "AuthenticatedWebsite",
    "Authenticated Website User",
    "Customer Portal Manager",
    "Customer Portal Manager Custom",
    "Customer Portal Manager Standard",
    "Customer Portal User",
    "CustomerManager",
    "CustomerUser",
    "Overage Customer Portal Manager Custom",
    "Overage Customer Portal Manager Standard",
    "Overage High Volume Customer Portal",
    "Overage High Volume Customer Portal User",
    "Overage Authenticated Website User",
    "Partner User",
    "PartnerUser",
    "Gold Partner User",
    "Silver Partner User",
    "Bronze Partner User",
    "Guest",
    "Guest User",
    "Guest License User",
    "Standard Guest",
    "Force.com - App Subscription User",
    "Force.com - Free User",
    "Force.com - One App User",
];

/// Whether a profile is the *System Administrator*, in any known language.
pub fn is_system_administrator(name: &str) -> bool {
    holds(SYSTEM_ADMINISTRATOR, name)
}

/// Whether a profile is one that every org of its edition has, in any known language.
pub fn is_standard_profile(name: &str) -> bool {
    holds(STANDARD, name) || is_system_administrator(name)
}

fn holds(names: &[&str], name: &str) -> bool {
    let folded = name.trim().to_lowercase();
    names.iter().any(|known| known.to_lowercase() == folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_no_difference() {
        for name in ["System Administrator", "systemadministrator", " Administrateur système ", "システム管理者", "СИСТЕМНЫЙ АДМИНИСТРАТОР", "Admin"]
        {
            assert!(is_system_administrator(name), "{name}");
            assert!(is_standard_profile(name), "{name}");
        }
        assert!(is_standard_profile("Minimum Access - Salesforce"));
        for name in ["Integration", "System Administrator EMEA", "Admin Light", ""] {
            assert!(!is_standard_profile(name), "{name}");
        }
    }
}
