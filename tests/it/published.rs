//! Results under a name: for other clients, when their maker is gone, and when their worker is.

use crate::clusters::{cluster, everywhere};
use stratal::{Client, ErrorKind, prelude::*};
use stratal_tests::*;

#[test]
fn a_result_is_found_by_its_name_and_type() {
    everywhere(|name| {
        let client = Client::current();
        let taken = client.published().unwrap();
        client.publish("a future", &client.submit(square, 12)).unwrap();
        client.publish("kept bytes", &delayed(bytes, (1_000, 3)).persist().unwrap()).unwrap();
        let found = client.get_published::<Delayed<Vec<u8>>>("kept bytes").unwrap();
        assert_eq!(delayed(weigh, &found).compute().unwrap(), 3_000, "{name}");
        let future = client.get_published::<TaskFuture<i64>>("a future").unwrap();
        assert_eq!((future.result().unwrap(), client.submit(inc, &future).result().unwrap()), (144, 145), "{name}");
        assert_eq!(client.publish("a future", &future).unwrap_err().kind(), ErrorKind::Exists, "{name}");
        let error = client.get_published::<TaskFuture<i64>>("a futur").unwrap_err();
        assert_eq!((error.kind(), error.help()), (ErrorKind::NotFound, Some("did you mean \"a future\"?")), "{name}");
        ["a future", "kept bytes"].iter().for_each(|one| client.unpublish(one).unwrap());
        assert_eq!(client.published().unwrap(), taken, "{name}");
        assert_eq!(delayed(weigh, &found).compute().unwrap(), 3_000, "{name}: who has it keeps it");
    });
}

#[test]
fn what_is_published_outlives_its_client_and_its_worker() {
    let cluster = cluster(2);
    let connect = || Client::builder().detached().connect(&cluster.scheduler_addr()).unwrap();
    let maker = connect();
    {
        let _entered = maker.enter();
        maker.publish("bytes", &delayed(bytes, (1_000, 3)).persist().unwrap()).unwrap();
        maker.publish("squares", &maker.submit(square, 12)).unwrap();
    }
    drop(maker);
    let finder = connect();
    let _entered = finder.enter();
    assert_eq!(finder.published().unwrap(), ["bytes", "squares"]);
    let found = finder.get_published::<Delayed<Vec<u8>>>("bytes").unwrap();
    for _ in 0..2 {
        assert_eq!(delayed(weigh, &found).compute().unwrap(), 3_000);
        assert_eq!(finder.get_published::<TaskFuture<i64>>("squares").unwrap().result().unwrap(), 144);
        cluster.kill_worker(0).unwrap();
        cluster.add_worker().unwrap();
    }
    finder.unpublish("bytes").unwrap();
    assert_eq!(delayed(weigh, &found).compute().unwrap(), 3_000);
    assert_eq!(finder.published().unwrap(), ["squares"]);
}
