use super::*;

#[test]
fn one_process_per_directory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data");
    let disk = DirDisk::open(&path).unwrap();
    let error = DirDisk::open(&path).unwrap_err();
    assert!(matches!(error, OpenDirError::InUse { .. }));
    assert!(
        error.to_string().contains(&path.display().to_string()),
        "{error}"
    );
    drop(disk);
    DirDisk::open(&path).unwrap();
}

#[test]
fn files_are_created_with_their_room_and_names_are_flat() {
    let dir = tempfile::tempdir().unwrap();
    let disk = DirDisk::open(dir.path()).unwrap();
    let file = disk.create("a", 10_000).unwrap();
    assert_eq!(file.len().unwrap(), 10_000);
    let mut bytes = [1; 100];
    file.read_exact_at(&mut bytes, 9_900).unwrap();
    assert_eq!(bytes, [0; 100]);
    assert_eq!(
        disk.create("a", 1).err().unwrap().kind(),
        io::ErrorKind::AlreadyExists
    );
    for name in ["", "..", "x/y", "lock"] {
        assert_eq!(
            disk.create(name, 1).err().unwrap().kind(),
            io::ErrorKind::InvalidInput
        );
    }
    disk.rename("a", "b").unwrap();
    disk.sync_names().unwrap();
    assert_eq!(disk.list().unwrap(), ["b"]);
    disk.remove("b").unwrap();
    assert!(disk.list().unwrap().is_empty());
}

#[test]
fn vectored_writes_are_whole_however_many_parts() {
    let dir = tempfile::tempdir().unwrap();
    let disk = DirDisk::open(dir.path()).unwrap();
    for (parts, size) in [(1, 5_000), (1_024, 7), (1_025, 3), (3_000, 700), (5, 0)] {
        let bytes: Vec<Vec<u8>> = (0..parts).map(|i| vec![i as u8; size + i % 5]).collect();
        let slices: Vec<IoSlice<'_>> = bytes.iter().map(|part| IoSlice::new(part)).collect();
        let name = format!("f{parts}");
        let file = disk.create(&name, 0).unwrap();
        file.write_all_vectored_at(&slices, 4_096).unwrap();
        file.sync_and_forget().unwrap();
        let expected = bytes.concat();
        let mut found = vec![0; expected.len()];
        file.read_exact_at(&mut found, 4_096).unwrap();
        assert!(found == expected, "{parts} parts");
    }
}

#[test]
fn groups_end_at_pages() {
    let bytes = vec![vec![1u8; 100]; 2_000];
    let parts: Vec<IoSlice<'_>> = bytes.iter().map(|part| IoSlice::new(part)).collect();
    let mut left = Left {
        parts: &parts,
        skip: 0,
        at: 8_192,
    };
    let first: usize = left.group().iter().map(|part| part.len()).sum();
    assert_eq!(first, 102_400 / 4_096 * 4_096);
    left.advance(first);
    let second: usize = left.group().iter().map(|part| part.len()).sum();
    assert_eq!(first + second, 200_000);
}
