//! `sfcred schema`.

use super::Project;

#[test]
fn every_schema_is_listed_and_printed_as_it_is_in_the_source() {
    let project = Project::new();
    let list = project.run(&["schema"]);
    for schema in sfcred::internals::schema::ALL {
        list.ends(0, &[schema.name, schema.about]);
        assert_eq!(project.run(&["schema", schema.name]).ends(0, &[]).out, schema.text);
    }
}

#[test]
fn a_name_that_is_nearly_right_is_corrected() {
    let run = Project::new().run(&["schema", "setings"]);
    run.ends(2, &["setings", "settings"]);
    assert!(run.out.is_empty(), "{run:#?}");
}
