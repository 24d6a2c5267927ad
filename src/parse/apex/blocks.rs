//! The methods of a file: their tokens, their variables, and whether they are tests or mocks.

use std::ops::Range;

use super::values::{Code, Variables};

/// A method, a trigger, an initializer, or a whole script.
pub struct Method {
    pub range: Range<usize>,
    /// Whether it is in a class or method annotated as a test, or in a mock.
    pub test: bool,
    pub variables: Variables,
}

struct Block {
    start: usize,
    kind: BlockKind,
    test: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BlockKind {
    Type,
    Method,
    Inner,
}

/// Interfaces that only tests implement.
const MOCKS: &[&str] = &[
    "HttpCalloutMock",
    "WebServiceMock",
    "StubProvider",
    "StaticResourceCalloutMock",
    "MultiStaticResourceCalloutMock",
];

/// All methods, and whether each token belongs to a test.
pub fn methods(code: &Code<'_>) -> (Vec<Method>, Vec<bool>) {
    let mut methods = Vec::new();
    let mut tests = Vec::new();
    let mut constants = Variables::default();
    let mut open: Vec<Block> = Vec::new();
    let mut head = 0;
    let mut types = 0;
    for at in 0..code.tokens.len() {
        let inside = open.last().map(|block| block.kind);
        if code.is_operator_at(at, "{") {
            let header = head..at;
            let outer = open.last().is_some_and(|block| block.test);
            let kind = match inside {
                Some(BlockKind::Method | BlockKind::Inner) => BlockKind::Inner,
                Some(BlockKind::Type) | None if declares_type(code, header.clone()) => {
                    BlockKind::Type
                }
                Some(BlockKind::Type) | None => BlockKind::Method,
            };
            types += usize::from(kind == BlockKind::Type);
            open.push(Block {
                start: at + 1,
                kind,
                test: outer || (kind != BlockKind::Inner && is_test(code, header)),
            });
            head = at + 1;
        } else if code.is_operator_at(at, "}") {
            if let Some(block) = open.pop() {
                close(code, &block, at, &mut methods, &mut tests);
            }
            head = at + 1;
        } else if code.is_operator_at(at, ";") {
            if inside == Some(BlockKind::Type) && (head..at).any(|word| code.is_word(word, "final"))
            {
                constants.read(*code, head..at + 1);
            }
            head = at + 1;
        }
    }
    while let Some(block) = open.pop() {
        close(code, &block, code.tokens.len(), &mut methods, &mut tests);
    }
    if types == 0 && !code.is_word(0, "trigger") {
        methods = vec![method(code, 0..code.tokens.len(), false)];
    }
    let constants = constants.into_outer();
    methods.iter_mut().for_each(|method| method.variables.inside(&constants));
    methods.sort_by_key(|method| method.range.start);
    let in_test = inside(&tests, code.tokens.len());
    (methods, in_test)
}

/// Which of `length` positions are inside of one of the ranges.
fn inside(ranges: &[Range<usize>], length: usize) -> Vec<bool> {
    let mut nesting = vec![0i32; length + 1];
    for range in ranges {
        nesting[range.start.min(length)] += 1;
        nesting[range.end.min(length)] -= 1;
    }
    let mut depth = 0;
    nesting[..length]
        .iter()
        .map(|change| {
            depth += change;
            depth > 0
        })
        .collect()
}

fn close(
    code: &Code<'_>,
    block: &Block,
    end: usize,
    methods: &mut Vec<Method>,
    tests: &mut Vec<Range<usize>>,
) {
    if block.test {
        tests.push(block.start..end);
    }
    if block.kind == BlockKind::Method {
        methods.push(method(code, block.start..end, block.test));
    }
}

fn method(code: &Code<'_>, range: Range<usize>, test: bool) -> Method {
    let mut variables = Variables::default();
    variables.read(*code, range.clone());
    Method { range, test, variables }
}

fn declares_type(code: &Code<'_>, header: Range<usize>) -> bool {
    let declares = |at: usize| {
        ["class", "interface", "enum"].iter().any(|word| code.is_word(at, word))
            && !code.is_operator_at(at.wrapping_sub(1), ".")
    };
    header.into_iter().any(declares)
}

fn is_test(code: &Code<'_>, mut header: Range<usize>) -> bool {
    header.any(|at| {
        (code.is_word(at, "IsTest") && code.is_operator_at(at.wrapping_sub(1), "@"))
            || code.is_word(at, "testMethod")
            || MOCKS.iter().any(|mock| code.is_word(at, mock))
    })
}
