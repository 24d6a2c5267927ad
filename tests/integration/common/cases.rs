//! Loads the cases under `fixtures/`; `fixtures/README.md` describes their format.
//!
//! A mistake in a fixture panics with the name of the case, so that no test passes with an incomplete fixture.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;

/// The cases of `fixtures/rules/` and `fixtures/setups.md`, sorted by file.
static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let root = fixtures();
    let mut library = Library::default();
    for folder in entries(&root.join("setups")) {
        library.setups.insert(file_name(&folder), read_tree(&folder));
    }
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{page:?}: {error}"));
        library.add(&text).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    }
    library
});

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Every file that contains cases.
pub fn pages() -> Vec<PathBuf> {
    let mut pages = entries(&fixtures().join("rules"));
    pages.push(fixtures().join("setups.md"));
    pages.extend(entries(&fixtures().join("flows")));
    pages
}

pub fn all() -> &'static [Case] {
    &LIBRARY.cases
}

/// The case with a name such as `claim-missing/bad` or `setups/legacy`.
pub fn case(name: &str) -> &'static Case {
    LIBRARY.case(name).unwrap_or_else(|error| panic!("{error}"))
}

/// A project, written as the difference from another one.
#[derive(Debug)]
pub struct Case {
    pub rule: String,
    pub id: String,
    /// The expected output for a bad case, without the last line.
    pub snapshot: Option<String>,
    head: Head,
    changes: Vec<(String, Change)>,
}

impl Case {
    /// `rule/id`
    pub fn name(&self) -> String {
        format!("{}/{}", self.rule, self.id)
    }

    pub fn is_bad(&self) -> bool {
        self.id == "bad" || self.id.starts_with("bad-")
    }

    /// Other rules that also report something in this case.
    pub fn also(&self) -> Vec<String> {
        LIBRARY.also(self).unwrap_or_else(|error| panic!("{}: {error}", self.name()))
    }

    /// The files of the case, by their paths in the project.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        bytes(LIBRARY.tree(self), self)
    }

    /// The files of the project that this one differs from: for a bad case, of its good twin.
    pub fn twin_files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        bytes(LIBRARY.start_tree(self), self)
    }

    /// Writes its files into a folder.
    pub fn write_to(&self, folder: &Path) {
        for (path, bytes) in self.files() {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
            fs::write(path, bytes).expect("a file is written");
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Head {
    base: Option<String>,
    from: Option<String>,
    copy: BTreeMap<String, String>,
    remove: Vec<String>,
    encode: BTreeMap<String, String>,
    files: Option<String>,
    also: Option<Vec<String>>,
}

#[derive(Debug)]
enum Change {
    Whole(String),
    Diff(String),
}

/// The project that a case starts from.
enum EntryPoint<'l> {
    Empty,
    Setup(&'l str),
    Case(&'l Case),
}

/// The files of a project, before they are encoded.
type Tree = BTreeMap<String, File>;

#[derive(Clone, Debug)]
struct File {
    content: Vec<u8>,
    encoding: String,
}

#[derive(Default)]
struct Library {
    setups: BTreeMap<String, Tree>,
    cases: Vec<Case>,
    /// The index in `cases` of each name.
    index: BTreeMap<String, usize>,
    /// The base that the page of each rule sets for all of its cases.
    bases: BTreeMap<String, String>,
}

impl Library {
    fn add(&mut self, text: &str) -> Result<(), String> {
        let page = Page::parse(text)?;
        if let Some(base) = page.head.base {
            self.bases.insert(page.rule, base);
        }
        for case in page.cases {
            if self.index.insert(case.name(), self.cases.len()).is_some() {
                return Err(format!("two cases are named {}", case.id));
            }
            self.cases.push(case);
        }
        Ok(())
    }

    fn case(&self, name: &str) -> Result<&Case, String> {
        let index = self.index.get(name).ok_or_else(|| format!("there is no case {name}"))?;
        Ok(&self.cases[*index])
    }

    fn start<'l>(&'l self, case: &'l Case) -> Result<EntryPoint<'l>, String> {
        if let Some(from) = &case.head.from {
            return self.case(&format!("{}/{from}", case.rule)).map(EntryPoint::Case);
        }
        if case.head.base.is_none() && case.is_bad() {
            let twin = case.id.replacen("bad", "good", 1);
            for id in [twin.as_str(), "good"] {
                if let Ok(twin) = self.case(&format!("{}/{id}", case.rule)) {
                    return Ok(EntryPoint::Case(twin));
                }
            }
        }
        let base = case.head.base.as_ref().or_else(|| self.bases.get(&case.rule));
        Ok(match base.map(String::as_str) {
            Some("empty") => EntryPoint::Empty,
            Some(base) if !self.setups.contains_key(base) => {
                EntryPoint::Case(self.case(&format!("setups/{base}"))?)
            }
            Some(base) => EntryPoint::Setup(base),
            None if case.rule == "setups" => EntryPoint::Setup(&case.id),
            None => return Err("the case has no base".into()),
        })
    }

    fn also(&self, case: &Case) -> Result<Vec<String>, String> {
        if let Some(also) = &case.head.also {
            return Ok(also.clone());
        }
        match self.start(case)? {
            EntryPoint::Case(start) => self.also(start),
            EntryPoint::Setup(name) if case.rule != "setups" || case.id != name => {
                self.also(self.case(&format!("setups/{name}"))?)
            }
            EntryPoint::Empty | EntryPoint::Setup(_) => Ok(Vec::new()),
        }
    }

    fn start_tree(&self, case: &Case) -> Result<Tree, String> {
        match self.start(case)? {
            EntryPoint::Empty => Ok(Tree::new()),
            EntryPoint::Case(start) => self.tree(start),
            EntryPoint::Setup(name) => {
                self.setups.get(name).cloned().ok_or_else(|| format!("there is no setup {name}"))
            }
        }
    }

    fn tree(&self, case: &Case) -> Result<Tree, String> {
        let start = self.start_tree(case)?;
        let mut tree = start.clone();
        for (from, to) in &case.head.copy {
            tree.extend(copies(from, to, &start)?);
        }
        for path in &case.head.remove {
            if path.ends_with('/') {
                let before = tree.len();
                tree.retain(|name, _| !name.starts_with(path.as_str()));
                if tree.len() == before {
                    return Err(format!("there is no file in {path} to remove"));
                }
            } else {
                let name = resolve(path, &start)?;
                tree.remove(&name).ok_or_else(|| format!("there is no {path} to remove"))?;
            }
        }
        for (path, change) in &case.changes {
            let name = resolve(path, &start)?;
            let old = tree.get(&name);
            let content = match change {
                Change::Whole(text) => text.clone(),
                Change::Diff(diff) => {
                    let old = old.ok_or_else(|| format!("there is no {path} to change"))?;
                    let old = std::str::from_utf8(&old.content)
                        .map_err(|_| format!("{path} is not UTF-8"))?;
                    patch(old, diff).map_err(|error| format!("{path}: {error}"))?
                }
            };
            let encoding = old.map(|file| file.encoding.clone()).unwrap_or_default();
            tree.insert(name, File { content: content.into_bytes(), encoding });
        }
        for (path, encoding) in &case.head.encode {
            let name = resolve(path, &start)?;
            let file = tree.get_mut(&name).ok_or_else(|| format!("there is no {path}"))?;
            file.encoding.clone_from(encoding);
        }
        if let Some(folder) = &case.head.files {
            tree.extend(read_tree(&fixtures().join(folder)));
        }
        Ok(tree)
    }
}

/// Copies a file, or every file of a folder, to another path.
fn copies(from: &str, to: &str, start: &Tree) -> Result<Tree, String> {
    let from = if from.ends_with('/') { from.to_owned() } else { resolve(from, start)? };
    let renamed = start.iter().filter_map(|(name, file)| {
        let rest = name.strip_prefix(from.as_str())?;
        (rest.is_empty() || from.ends_with('/')).then(|| (format!("{to}{rest}"), file.clone()))
    });
    let copies: Tree = renamed.collect();
    if copies.is_empty() { Err(format!("there is no {from} to copy")) } else { Ok(copies) }
}

/// Resolves a path: as written, or, after `**/`, the only path of the base that ends with it.
fn resolve(path: &str, start: &Tree) -> Result<String, String> {
    let Some(end) = path.strip_prefix("**/") else { return Ok(path.to_owned()) };
    let ends = |name: &&String| name.strip_suffix(end).is_some_and(|rest| rest.ends_with('/'));
    let mut found = start.keys().filter(|name| name.as_str() == end || ends(name));
    match (found.next(), found.next()) {
        (Some(name), None) => Ok(name.clone()),
        (None, _) => Err(format!("no file matches {path}")),
        (Some(one), Some(other)) => Err(format!("{path} matches {one} and {other}")),
    }
}

/// Replaces each hunk's old lines, which must occur exactly once.
fn patch(text: &str, diff: &str) -> Result<String, String> {
    let lines: Vec<&str> =
        text.split_inclusive('\n').map(|line| line.trim_end_matches('\n')).collect();
    let diff: Vec<&str> = diff.lines().collect();
    let mut patched = Vec::new();
    let mut done = 0;
    for hunk in diff.split(|line| line.starts_with("@@")) {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for line in hunk {
            match line.split_at_checked(1) {
                Some(("-", rest)) => old.push(rest),
                Some(("+", rest)) => new.push(rest),
                Some((" ", rest)) => (old.push(rest), new.push(rest)).0,
                // An empty context line, of which editors remove the leading space.
                None => (old.push(""), new.push("")).0,
                Some(_) => return Err(format!("`{line}` does not begin with ` `, `-` or `+`")),
            }
        }
        if old.is_empty() || old == new {
            return Err("a hunk states no old lines or changes nothing".into());
        }
        let places: Vec<usize> = (0..lines.len().saturating_sub(old.len() - 1))
            .filter(|&at| lines[at..].starts_with(&old))
            .collect();
        let [at] = places[..] else {
            return Err(format!("a hunk matches {} times:\n{}", places.len(), old.join("\n")));
        };
        if at < done {
            return Err(format!("hunks overlap or are out of order at:\n{}", old.join("\n")));
        }
        patched.extend_from_slice(&lines[done..at]);
        patched.extend(new);
        done = at + old.len();
    }
    patched.extend_from_slice(&lines[done..]);
    Ok(patched.iter().flat_map(|line| [line, "\n"]).collect())
}

fn bytes(tree: Result<Tree, String>, case: &Case) -> BTreeMap<PathBuf, Vec<u8>> {
    let encoded = |(name, file): (String, File)| {
        let bytes = encode(file).map_err(|error| format!("{name}: {error}"))?;
        Ok((PathBuf::from(name), bytes))
    };
    tree.and_then(|tree| tree.into_iter().map(encoded).collect())
        .unwrap_or_else(|error: String| panic!("{}: {error}", case.name()))
}

fn encode(File { content, encoding }: File) -> Result<Vec<u8>, String> {
    if encoding.is_empty() {
        return Ok(content);
    }
    let mut text = String::from_utf8(content).map_err(|_| "not UTF-8".to_owned())?;
    let words: Vec<&str> = encoding.split(' ').collect();
    if words.contains(&"no-final-newline") {
        text.pop();
    }
    if words.contains(&"crlf") {
        text = text.replace('\n', "\r\n");
    }
    if words.contains(&"bom") {
        text.insert(0, '\u{feff}');
    }
    let mut bytes = text.clone().into_bytes();
    for word in words {
        match word {
            "no-final-newline" | "crlf" | "bom" => {}
            "utf-16le" => bytes = text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => bytes = text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            "latin-1" => {
                let latin = text.chars().map(u8::try_from).collect::<Result<_, _>>();
                bytes = latin.map_err(|_| "a character that Latin-1 lacks".to_owned())?;
            }
            _ => return Err(format!("unknown encoding `{word}`")),
        }
    }
    Ok(bytes)
}

/// A file of cases, parsed.
struct Page {
    rule: String,
    head: Head,
    cases: Vec<Case>,
}

impl Page {
    fn parse(text: &str) -> Result<Page, String> {
        let mut lines = text.lines();
        let rule = lines.next().and_then(|line| line.strip_prefix("# ")).ok_or("no `# rule`")?;
        let mut page = Page { rule: rule.to_owned(), head: Head::default(), cases: Vec::new() };
        let mut path = None;
        while let Some(line) = lines.next() {
            if let Some(title) = line.strip_prefix("## ") {
                let id = title.split(':').next().unwrap_or(title).to_owned();
                let (rule, head) = (page.rule.clone(), Head::default());
                page.cases.push(Case { rule, id, head, snapshot: None, changes: Vec::new() });
            } else if line.starts_with("```") {
                let language = line.trim_start_matches('`');
                let fence = &line[..line.len() - language.len()];
                let mut block = String::new();
                loop {
                    let line = lines.next().ok_or("a code block is not closed")?;
                    if line == fence {
                        break;
                    }
                    block.push_str(line);
                    block.push('\n');
                }
                page.block(language, path.take(), block)?;
            } else if line.len() > 2 && line.starts_with('`') && line.ends_with('`') {
                path = Some(line.trim_matches('`').to_owned());
            }
        }
        Ok(page)
    }

    fn block(&mut self, language: &str, path: Option<String>, text: String) -> Result<(), String> {
        let head = |text: &str| toml::from_str(text).map_err(|error| error.to_string());
        match (language, path, self.cases.last_mut()) {
            ("toml", None, None) => self.head = head(&text)?,
            ("toml", None, Some(case)) => case.head = head(&text)?,
            ("snapshot", None, Some(case)) => case.snapshot = Some(text),
            ("diff", Some(path), Some(case)) => case.changes.push((path, Change::Diff(text))),
            (_, Some(path), Some(case)) => case.changes.push((path, Change::Whole(text))),
            (_, None, _) => return Err(format!("a block of `{language}` after no path")),
            (_, Some(path), None) => return Err(format!("{path} belongs to no case")),
        }
        Ok(())
    }
}

/// Replaces the snapshots of a page, by case ID. A new snapshot is added at the end of its case.
pub fn with_snapshots(page: &str, mut snapshots: BTreeMap<String, String>) -> String {
    let mut written = String::new();
    let block = |text: String| format!("```snapshot\n{text}```\n");
    let (mut id, mut fence, mut replaced) = (String::new(), None, false);
    for line in page.lines() {
        if let Some(open) = fence {
            if line == open {
                fence = None;
            }
            if replaced {
                replaced = fence.is_some();
                continue;
            }
        } else if line.starts_with("```") {
            fence = Some(line.trim_end_matches(|character| character != '`'));
            if line == "```snapshot"
                && let Some(text) = snapshots.remove(&id)
            {
                written.push_str(&block(text));
                replaced = true;
                continue;
            }
        } else if let Some(title) = line.strip_prefix("## ") {
            if let Some(text) = snapshots.remove(&id) {
                written.push_str(&block(text));
                written.push('\n');
            }
            id = title.split(':').next().unwrap_or(title).to_owned();
        }
        written.push_str(line);
        written.push('\n');
    }
    if let Some(text) = snapshots.remove(&id) {
        written.push('\n');
        written.push_str(&block(text));
    }
    written
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

fn read_tree(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    for path in entries(folder) {
        let name = file_name(&path);
        if path.is_dir() {
            let inside = read_tree(&path).into_iter();
            tree.extend(inside.map(|(rest, file)| (format!("{name}/{rest}"), file)));
        } else {
            let content = fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
            tree.insert(name, File { content, encoding: String::new() });
        }
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# some-rule

```toml
base = \"setup\"
```

## bad: the value is wrong

`**/A.xml`

```diff
 <a>
-  <b>1</b>
+  <b>2</b>
```

```snapshot
old
```

## good

## bad-long

````text
## no heading
```
````

## good-other: an encoded file

```toml
remove = [\"in/\"]
also = [\"other-rule\"]

[copy]
\"in/deep/\" = \"out/\"
\"**/A.xml\" = \"Z.xml\"

[encode]
\"new.txt\" = \"bom crlf\"
```

Prose is for the reader.

`new.txt`

```text
ä
b
```
";

    fn library(page: &str) -> Library {
        let file = |text: &str| File { content: text.into(), encoding: String::new() };
        let tree = [("in/A.xml", "<a>\n  <b>1</b>\n</a>\n"), ("in/deep/B.xml", "<b/>\n")]
            .map(|(name, text)| (name.to_owned(), file(text)));
        let mut library = Library::default();
        library.setups.insert("setup".into(), tree.into());
        library.add("# setups\n\n## setup\n").unwrap();
        library.add(&page.replace("````text\n", "`deep/C.md`\n\n````text\n")).unwrap();
        library
    }

    fn text(library: &Library, case: &str, file: &str) -> Option<String> {
        let case = library.case(&format!("some-rule/{case}")).unwrap();
        let files = bytes(library.tree(case), case);
        files.get(Path::new(file)).map(|bytes| String::from_utf8(bytes.clone()).unwrap())
    }

    fn fault(body: &str) -> String {
        let library = library(&format!("# some-rule\n\n## good\n\n{body}"));
        library.tree(library.case("some-rule/good").unwrap()).unwrap_err()
    }

    #[test]
    fn a_bad_case_differs_from_its_good_twin() {
        let library = library(PAGE);
        let changed = "<a>\n  <b>2</b>\n</a>\n";
        assert_eq!(text(&library, "bad", "in/A.xml").as_deref(), Some(changed));
        assert_eq!(text(&library, "good", "in/A.xml").unwrap(), changed.replace('2', "1"));
        assert_eq!(library.case("some-rule/bad").unwrap().snapshot.as_deref(), Some("old\n"));
        assert_eq!(text(&library, "bad-long", "in/deep/B.xml").as_deref(), Some("<b/>\n"));
    }

    #[test]
    fn whole_files_are_encoded_and_others_removed() {
        let library = library(PAGE);
        assert_eq!(text(&library, "good-other", "new.txt").as_deref(), Some("\u{feff}ä\r\nb\r\n"));
        assert_eq!(text(&library, "good-other", "in/A.xml"), None);
        assert_eq!(text(&library, "good-other", "out/B.xml").as_deref(), Some("<b/>\n"));
        assert!(text(&library, "good-other", "Z.xml").is_some());
        let long = text(&library, "bad-long", "deep/C.md");
        assert_eq!(long.as_deref(), Some("## no heading\n```\n"));
        let also = |case| library.also(library.case(case).unwrap()).unwrap();
        assert_eq!(also("some-rule/good-other"), ["other-rule"]);
        assert!(also("some-rule/good").is_empty());
    }

    #[test]
    fn a_mistake_in_a_case_is_an_error() {
        let head = "```toml\nbase = \"setup\"\n```\n\n";
        let diff =
            |path: &str, diff: &str| fault(&format!("{head}`{path}`\n\n```diff\n{diff}```\n"));
        for (fault, words) in [
            (fault("Nothing is stated."), "no base"),
            (fault("```toml\nbase = \"other\"\n```\n"), "no case setups/other"),
            (fault("```toml\nfrom = \"other\"\n```\n"), "no case some-rule/other"),
            (fault(&head.replace("\n```\n", "\nremove = [\"out/\"]\n```\n")), "no file in out/"),
            (diff("A.xml", " <a>\n+x\n"), "no A.xml to change"),
            (diff("**/C.xml", " <a>\n+x\n"), "no file matches **/C.xml"),
            (diff("**/*.xml", " <a>\n+x\n"), "no file matches"),
            (diff("**/A.xml", " <x>\n+x\n"), "matches 0 times"),
            (diff("**/A.xml", " <a>\n <a>\n"), "changes nothing"),
            (diff("**/A.xml", "<a>\n"), "does not begin"),
            (diff("**/A.xml", " </a>\n+x\n@@\n-<a>\n"), "out of order"),
        ] {
            assert!(fault.contains(words), "{words}: {fault}");
        }
        let twice = patch("a\nb\na\n", "-a\n+c\n").unwrap_err();
        assert!(twice.contains("matches 2 times"), "{twice}");
        assert!(Page::parse("# some-rule\n\n```toml\nbse = \"x\"\n```\n").is_err());
        assert!(Page::parse("# some-rule\n\n## good\n\n```diff\n a\n").is_err());
    }

    #[test]
    fn hunks_are_applied_in_order() {
        let patched = patch("a\n\nb\nc\nd\n", " a\n\n-b\n@@ the end\n-d\n+e\n+f\n").unwrap();
        assert_eq!(patched, "a\n\nc\ne\nf\n");
    }

    #[test]
    fn snapshots_are_replaced_in_place_and_added_at_the_end() {
        let snapshots = ["bad", "bad-long"].map(|id| (id.to_owned(), format!("new {id}\n")));
        let updated = with_snapshots(PAGE, snapshots.into());
        let expected = PAGE
            .replace("```snapshot\nold\n", "```snapshot\nnew bad\n")
            .replace("## good-other", "```snapshot\nnew bad-long\n```\n\n## good-other");
        assert_eq!(updated, expected);
    }
}
