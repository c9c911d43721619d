//! Job libraries as their registries have them, with workers in other processes, on the broker
//! and on the real Redis: here a file for each library, in `programs/jobs` a folder for each.

/// Each scene as two tests: what it demands is what the real Redis does.
macro_rules! on_both {
    ($($scene:ident)*) => {
        $(mod $scene {
            use clawlink_compat_tests::server::Server;

            #[test]
            fn on_clawlink() {
                super::$scene(&Server::clawlink().unwrap());
            }

            #[test]
            fn on_redis() {
                super::$scene(&Server::redis().unwrap());
            }
        })*
    };
}

mod rq;
