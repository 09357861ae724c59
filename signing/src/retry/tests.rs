use std::cell::Cell;

use super::*;

fn patience() -> Patience {
    Patience {
        attempt: Duration::from_millis(100),
        operation: Duration::from_millis(350),
        ..Patience::default()
    }
}

#[tokio::test(start_paused = true)]
async fn faults_that_pass_are_asked_again_and_others_are_not() {
    let table: &[(&[Fault], u32, bool)] = &[
        (&[], 1, true),
        (&[Fault::Throttled], 2, true),
        (
            &[Fault::Throttled, Fault::Unavailable("gone".into())],
            3,
            true,
        ),
        (&[Fault::Throttled, Fault::Throttled, Fault::Busy], 3, false),
        (&[Fault::Refused("no".into())], 1, false),
        (
            &[Fault::Throttled, Fault::WrongKey("other".into())],
            2,
            false,
        ),
    ];
    for (faults, attempts, is_answered) in table {
        let asked = Cell::new(0);
        let ask = || async {
            let n: u32 = asked.get();
            asked.set(n + 1);
            match faults.get(n as usize) {
                Some(fault) => Err(fault.clone()),
                None => Ok(n),
            }
        };
        let result = patience().ask("signer", ask).await;
        assert_eq!((asked.get(), result.is_ok()), (*attempts, *is_answered));
        if let Err(error) = result {
            assert_eq!(error.fault(), faults.last().unwrap());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_signer_that_hangs_costs_the_time_of_its_attempts() {
    let begin = tokio::time::Instant::now();
    let hang = || async {
        sleep(Duration::from_secs(3_600)).await;
        Ok(())
    };
    let error = patience().ask("signer", hang).await.unwrap_err();
    assert_eq!(*error.fault(), Fault::TimedOut(100));
    assert!(begin.elapsed() <= Duration::from_millis(350));
}
