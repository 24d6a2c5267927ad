//! Data flows one way: a room imports only what stands before it in `src/lib.rs`.

use regex::Regex;

use crate::common::{files_below, read, root};

/// The rooms in the order in which `lib.rs` lists them.
fn order() -> Vec<String> {
    let library = read("src/lib.rs");
    library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned))
        .collect()
}

#[test]
fn no_module_imports_a_later_one() {
    let order = order();
    let named = Regex::new(r"crate::(?:\{([^}]*)\}|([a-z_]+))").unwrap();
    let mut faults = Vec::new();
    for path in files_below(&root().join("src")) {
        let inside =
            path.strip_prefix(root().join("src")).unwrap().to_string_lossy().replace('\\', "/");
        let room = inside.split(['/', '.']).next().unwrap().to_owned();
        let Some(own) = order.iter().position(|name| *name == room) else { continue };
        let text = read(&path);
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code: String = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        for found in named.captures_iter(&code) {
            let names = found.get(1).or(found.get(2)).unwrap().as_str();
            for name in names.split(',').map(|name| name.trim().split("::").next().unwrap()) {
                if order.iter().position(|room| room == name).is_some_and(|other| other > own) {
                    faults
                        .push(format!("src/{inside} names `{name}`, which stands after `{room}`"));
                }
            }
        }
    }
    assert!(order.len() > 10, "lib.rs lists the rooms, one `pub mod` a line: {order:?}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn one_module_reads_the_disk_and_one_writes_to_it() {
    let disk = Regex::new(r"std::fs|process::Command|Command::new\(|File::open|fs::read|\.exists\(\)|is_file\(\)|is_dir\(\)").unwrap();
    let writes = Regex::new(r"fs::(?:write|rename|copy|remove|create_dir|hard_link|set_permissions)|File::create|OpenOptions|set_permissions").unwrap();
    let mut faults = Vec::new();
    for path in files_below(&root().join("src")) {
        let inside =
            path.strip_prefix(root().join("src")).unwrap().to_string_lossy().replace('\\', "/");
        let text = read(&path);
        let code = text.split("#[cfg(test)]").next().unwrap();
        let has_a_disk = inside.starts_with("walk") || inside.starts_with("writing");
        if !has_a_disk && disk.is_match(code)
            || !inside.starts_with("writing") && writes.is_match(code)
        {
            faults.push(inside);
        }
    }
    assert!(
        faults.is_empty(),
        "only walk reads the disk and only writing writes to it, and so do {faults:?}"
    );
}

#[test]
fn every_module_is_documented() {
    for path in files_below(&root().join("src"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
    {
        assert!(read(&path).starts_with("//! "), "{} has no module comment", path.display());
    }
}
