//! Which files a run may touch. The repository is untrusted: a path in one of its files, or a link in it, must not lead
//! to other files of the machine.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::source::normalized;

/// Where a path comes from.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// The user chose it. Only links that the repository can contain are checked.
    CommandLine,
    /// A file names it, or the file itself is looked for. It must be in the folder of that file or in the areas of the
    /// run.
    File(&'a Path),
}

/// Why a path cannot be used.
#[derive(Debug)]
pub enum Unresolved {
    NotFound,
    /// It leads to a place that the run may not touch.
    Outside,
    /// It is a link to a file with another extension, so that its content must not be shown as if it were of this kind.
    OtherKind,
    Io(io::Error),
}

/// The areas of a run. All paths are absolute and without links.
#[derive(Clone, Debug, Default)]
pub struct Boundary {
    working_directory: PathBuf,
    /// The given paths, the repositories that contain them, and the folders of `--allow-outside`.
    areas: Vec<PathBuf>,
}

/// The kernel's own files. They are not part of any project.
const SPECIAL: &[&str] = &["/proc", "/dev", "/sys"];
/// Linux follows at most as many links.
const MAX_LINKS: usize = 40;

impl Boundary {
    /// The areas of a run with these paths. A path that cannot be followed adds no area; reading it is an error later.
    pub fn new(paths: &[PathBuf], working_directory: &Path, allowed: &[PathBuf]) -> Boundary {
        let real = |path: &Path| Some(follow(path)).filter(|followed| followed.exists);
        let mut boundary = Boundary {
            working_directory: real(working_directory)
                .map_or_else(|| working_directory.to_owned(), |followed| followed.real),
            areas: Vec::new(),
        };
        for path in allowed {
            boundary.areas.extend(real(&working_directory.join(path)).map(|found| found.real));
        }
        for path in paths {
            let path = normalized(&working_directory.join(path));
            if let Some(followed) = real(&path)
                && boundary.admits(&followed, Origin::CommandLine)
            {
                boundary.areas.extend(repository(&followed.real).map(Path::to_owned));
                boundary.areas.push(followed.real);
            }
        }
        boundary
    }

    /// Where an absolute path leads.
    ///
    /// # Errors
    /// It leads outside, or cannot be followed. What does not exist outside is outside as well.
    pub fn resolve(&self, path: &Path, origin: Origin<'_>) -> Result<Followed, Unresolved> {
        let followed = follow(path);
        if self.admits(&followed, origin) {
            followed.complete().map_err(Unresolved::Io)
        } else {
            Err(Unresolved::Outside)
        }
    }

    fn admits(&self, followed: &Followed, origin: Origin<'_>) -> bool {
        let real = followed.real.as_path();
        let in_areas = |path: &Path| self.areas.iter().any(|area| path.starts_with(area));
        match origin {
            Origin::CommandLine => followed.links.iter().all(|folder| {
                if let Some(top) = repository(folder) {
                    real.starts_with(top) || in_areas(real)
                } else if in_areas(folder) {
                    in_areas(real)
                } else {
                    // A link elsewhere on the machine is not part of a project.
                    !folder.starts_with(&self.working_directory)
                        || real.starts_with(&self.working_directory)
                        || in_areas(real)
                }
            }),
            Origin::File(file) => {
                let own = file.parent().map(|folder| follow(folder).real);
                let is_inside = |path: &Path| {
                    in_areas(path) || own.as_ref().is_some_and(|own| path.starts_with(own))
                };
                // Whether a path outside can be passed through would show that it exists.
                let is_above =
                    |path: &Path| self.areas.iter().chain(&own).any(|area| area.starts_with(path));
                !(followed.exists && is_special(real))
                    && is_inside(real)
                    && followed.left.iter().all(|path| is_inside(path) || is_above(path))
            }
        }
    }
}

/// Whether a path belongs to the kernel.
pub fn is_special(real: &Path) -> bool {
    SPECIAL.iter().any(|special| real.starts_with(special))
}

/// The nearest folder with a `.git`, from a path upward.
pub fn repository(path: &Path) -> Option<&Path> {
    path.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok())
}

/// What a path leads to.
#[derive(Debug)]
pub struct Followed {
    /// Without links.
    pub real: PathBuf,
    /// The folders of the links on the way.
    links: Vec<PathBuf>,
    /// The paths that a `..` leaves.
    left: Vec<PathBuf>,
    pub exists: bool,
    /// Why the path cannot be followed to its end.
    error: Option<io::Error>,
}

impl Followed {
    /// The path, if it could be followed to its end, whether or not it exists.
    pub fn complete(mut self) -> io::Result<Followed> {
        self.error.take().map_or(Ok(self), Err)
    }
}

/// Follows all links of an absolute path. What comes after a component that cannot be followed is kept as it is.
pub fn follow(path: &Path) -> Followed {
    let mut real = PathBuf::new();
    let mut links = Vec::new();
    let mut left = Vec::new();
    let mut exists = true;
    let mut error = None;
    // The components that are left, last first.
    let mut rest: Vec<PathBuf> = Vec::new();
    push_components(path, &mut rest);
    while let Some(component) = rest.pop() {
        match component.components().next() {
            Some(Component::ParentDir) => {
                left.push(real.clone());
                real.pop();
                continue;
            }
            Some(Component::Normal(_)) => {}
            _ => {
                real.push(component);
                continue;
            }
        }
        real.push(component);
        if !exists {
            continue;
        }
        match fs::symlink_metadata(&real) {
            Ok(metadata) if metadata.is_symlink() => {
                let target = if links.len() == MAX_LINKS {
                    Err(io::Error::other("too many symbolic links"))
                } else {
                    fs::read_link(&real)
                };
                match target {
                    Ok(target) => {
                        real.pop();
                        links.push(real.clone());
                        push_components(&target, &mut rest);
                    }
                    Err(reason) => {
                        exists = false;
                        error = Some(reason);
                    }
                }
            }
            Ok(_) => {}
            Err(reason) => {
                exists = false;
                if !matches!(reason.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
                {
                    error = Some(reason);
                }
            }
        }
    }
    Followed { real, links, left, exists, error }
}

fn push_components(path: &Path, rest: &mut Vec<PathBuf>) {
    let components: Vec<PathBuf> = path
        .components()
        .filter(|component| *component != Component::CurDir)
        .map(|component| PathBuf::from(component.as_os_str()))
        .collect();
    rest.extend(components.into_iter().rev());
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// `repository/` with a `.git`, and `outside/` beside it.
    fn places() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let real = fs::canonicalize(folder.path()).unwrap();
        for name in ["repository/.git", "repository/hub", "outside"] {
            fs::create_dir_all(real.join(name)).unwrap();
        }
        for name in ["repository/hub/a", "repository/b", "outside/secret"] {
            fs::write(real.join(name), "x").unwrap();
        }
        (folder, real)
    }

    fn leads(boundary: &Boundary, path: &Path, origin: Origin<'_>) -> &'static str {
        match boundary.resolve(path, origin) {
            Ok(followed) if followed.exists => "inside",
            Ok(_) => "missing",
            Err(Unresolved::Outside) => "outside",
            Err(_) => "error",
        }
    }

    #[test]
    fn a_path_of_a_file_stays_in_the_repository_or_beside_the_file() {
        let (_folder, top) = places();
        let repository = top.join("repository");
        symlink("../../outside/secret", repository.join("hub/link")).unwrap();
        symlink("../b", repository.join("hub/inside")).unwrap();
        symlink("../../outside/none", repository.join("hub/lost")).unwrap();
        symlink("loop", repository.join("hub/loop")).unwrap();
        for (name, outside) in [("through", "secret"), ("through-none", "none")] {
            let target = format!("../../outside/{outside}/../../repository/b");
            symlink(target, repository.join("hub").join(name)).unwrap();
        }
        let boundary = Boundary::new(&["hub".into()], &repository, &[]);
        let description = repository.join("hub/sfcred.yaml");
        let origin = Origin::File(&description);
        for (path, expected) in [
            ("repository/hub/a", "inside"),
            ("repository/b", "inside"),
            ("repository/none", "missing"),
            ("repository/b/none", "missing"),
            ("repository/hub/inside", "inside"),
            ("repository/hub/link", "outside"),
            ("repository/hub/lost", "outside"),
            ("repository/hub/loop", "error"),
            ("outside/secret", "outside"),
            ("outside/none", "outside"),
            ("repository/hub/../../repository/b", "inside"),
            // Whether these can be passed through shows whether they exist.
            ("outside/secret/../../repository/b", "outside"),
            ("outside/none/../../repository/b", "outside"),
            ("repository/hub/through", "outside"),
            ("repository/hub/through-none", "outside"),
        ] {
            assert_eq!(leads(&boundary, &top.join(path), origin), expected, "{path}");
        }
        for path in ["/proc/self/environ", "/dev/zero", "/etc/passwd"] {
            assert_eq!(leads(&boundary, Path::new(path), origin), "outside", "{path}");
        }
        let above = top.join("sfcred.yaml");
        assert_eq!(leads(&boundary, &top.join("outside/secret"), Origin::File(&above)), "inside");
        let allowed = Boundary::new(&["hub".into()], &repository, &["../outside".into()]);
        assert_eq!(leads(&allowed, &top.join("outside/secret"), origin), "inside");
    }

    #[test]
    fn a_given_path_may_lead_anywhere_except_through_a_link_of_the_repository() {
        let (_folder, top) = places();
        let repository = top.join("repository");
        symlink("../outside", repository.join("link")).unwrap();
        symlink("hub", repository.join("inside")).unwrap();
        symlink("repository", top.join("own")).unwrap();
        for (paths, expected) in
            [("link", "outside"), ("inside", "inside"), ("hub", "inside"), ("../outside", "inside")]
        {
            let boundary = Boundary::new(&[paths.into()], &repository, &[]);
            let path = normalized(&repository.join(paths));
            assert_eq!(leads(&boundary, &path, Origin::CommandLine), expected, "{paths}");
        }
        let boundary = Boundary::new(&["own".into()], &top, &[]);
        assert_eq!(leads(&boundary, &top.join("own/link"), Origin::CommandLine), "outside");
        assert_eq!(leads(&boundary, &top.join("own/link/secret"), Origin::CommandLine), "outside");
        assert_eq!(leads(&boundary, &top.join("own/b"), Origin::CommandLine), "inside");
        let description = top.join("own/sfcred.yaml");
        assert_eq!(leads(&boundary, &top.join("own/b"), Origin::File(&description)), "inside");
    }
}
