use super::*;

fn content(disk: &SimDisk, name: &str) -> Option<Vec<u8>> {
    let file = disk.open(name).ok()?;
    let mut bytes = vec![0; usize::try_from(file.len().unwrap()).unwrap()];
    file.read_exact_at(&mut bytes, 0).unwrap();
    Some(bytes)
}

#[test]
fn what_was_synced_survives_and_the_rest_in_part() {
    let (mut kept, mut lost, mut torn) = (0, 0, 0);
    for seed in 0..200 {
        let disk = SimDisk::new(seed);
        let file = disk.create("a", 4096).unwrap();
        file.write_all_at(&[1; 1024], 0).unwrap();
        file.sync().unwrap();
        disk.sync_names().unwrap();
        file.write_all_at(&[2; 1536], 512).unwrap();
        let disk = disk.power_loss();
        assert!(file.sync().is_err(), "old handles are stale");
        let bytes = content(&disk, "a").unwrap();
        assert!(bytes[..512].iter().all(|b| *b == 1), "seed {seed}");
        for sector in bytes[512..2048].chunks(512) {
            assert!(
                sector.iter().all(|b| *b == sector[0]),
                "a sector is never torn"
            );
        }
        assert!(bytes[512] == 1 || bytes[512] == 2, "seed {seed}");
        match [bytes[512], bytes[1024], bytes[1536]] {
            [2, 2, 2] => kept += 1,
            [1, 0, 0] => lost += 1,
            _ => torn += 1,
        }
    }
    assert!(
        kept > 10 && lost > 10 && torn > 30,
        "{kept} kept, {lost} lost, {torn} torn"
    );
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed| {
        let disk = SimDisk::new(seed);
        let mut found = Vec::new();
        for name in ["a", "b", "c"] {
            let file = disk.create(name, 8192).unwrap();
            file.write_all_at(&[7; 8192], 0).unwrap();
        }
        let disk = disk.power_loss();
        for name in disk.list().unwrap() {
            found.push((name.clone(), content(&disk, &name)));
        }
        found
    };
    assert_eq!(run(5), run(5));
    assert!((0..20).any(|seed| run(seed) != run(5)));
}

#[test]
fn names_are_lost_until_synced() {
    let mut lost = 0;
    for seed in 0..50 {
        let disk = SimDisk::new(seed);
        disk.create("old", 0).unwrap();
        disk.sync_names().unwrap();
        disk.rename("old", "new").unwrap();
        disk.create("b", 0).unwrap();
        let disk = disk.power_loss();
        let names = disk.list().unwrap();
        assert!(
            names.contains(&"old".into()) != names.contains(&"new".into()),
            "seed {seed}"
        );
        lost += usize::from(!names.contains(&"b".into()));
    }
    assert!((1..50).contains(&lost));
}

#[test]
fn a_failed_sync_shows_in_memory_what_the_disk_lost() {
    let mut lost = 0;
    for seed in 0..50 {
        let disk = SimDisk::new(seed);
        let file = disk.create("a", 4096).unwrap();
        file.sync().unwrap();
        disk.sync_names().unwrap();
        disk.fail_sync_after(0);
        file.write_all_at(&[3; 4096], 0).unwrap();
        assert!(file.sync().is_err());
        let disk = disk.process_end();
        assert_eq!(
            content(&disk, "a").unwrap(),
            vec![3; 4096],
            "memory shows all of it"
        );
        let file = disk.open("a").unwrap();
        file.sync_and_forget().unwrap();
        lost += usize::from(content(&disk, "a").unwrap() != vec![3; 4096]);
    }
    assert!(lost > 10, "{lost}");
}

#[test]
fn a_full_disk_takes_nothing() {
    let disk = SimDisk::new(1);
    disk.set_capacity(1000);
    let file = disk.create("a", 600).unwrap();
    assert_eq!(
        disk.create("b", 600).err().map(|e| e.kind()),
        Some(io::ErrorKind::StorageFull)
    );
    assert_eq!(
        file.write_all_at(&[1; 500], 600).err().map(|e| e.kind()),
        Some(io::ErrorKind::StorageFull)
    );
    file.write_all_at(&[1; 600], 0).unwrap();
    assert_eq!(disk.used(), 600);
}

#[test]
fn power_fails_when_told() {
    let disk = SimDisk::new(1);
    disk.fail_power_at(2);
    let file = disk.create("a", 512).unwrap();
    file.sync().unwrap();
    assert!(disk.sync_names().is_err());
    assert!(file.write_all_at(&[1], 0).is_err());
    assert_eq!(disk.operations(), 2);
}
