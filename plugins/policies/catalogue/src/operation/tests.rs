use std::collections::BTreeSet;

use ledger::operation::OperationClass;

use super::*;

#[test]
fn every_operation_of_the_ledger_is_known() {
    for operation in ledger::Operation::ALL {
        let name = operation.name();
        let row = Operation::find(name).unwrap_or_else(|| panic!("`{name}` has no row"));
        let reads = !matches!(
            operation.class(),
            OperationClass::Write | OperationClass::Admin
        );
        if row.access == Read {
            assert!(reads, "`{name}` is no read");
        }
    }
}

#[test]
fn no_name_stands_twice() {
    let names: BTreeSet<_> = OPERATIONS.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), OPERATIONS.len());
    let names: BTreeSet<_> = Capability::ALL.iter().map(|each| each.name()).collect();
    assert_eq!(names.len(), Capability::ALL.len());
    for each in Capability::ALL {
        assert_eq!(Capability::find(each.name()), Some(*each));
    }
    assert_eq!(Operation::find("transmute"), None);
    assert_eq!(Operation::find(""), None);
}
