//! Tests of the store of images.

use super::commit::New;
use super::remove::How;
use super::*;
use crate::api::{ContainerConfig, ImageDeleteResponse};
use kernel::fs::Node;
use kernel::time::Instant;

#[test]
fn images_are_found_by_any_of_their_names() {
    let images = Images::load().unwrap();
    let nginx = images.find("nginx").unwrap();
    for name in [
        "nginx:latest",
        "docker.io/library/nginx",
        nginx.id.as_str(),
        &nginx.id[7..19],
    ] {
        assert_eq!(images.find(name).unwrap().names, ["nginx:latest"]);
    }
    let err = images.find("nosuchimage").err().unwrap();
    assert_eq!(err.to_string(), "No such image: nosuchimage:latest");
}

#[test]
fn every_image_can_run_its_command() {
    let mut images = Images::load().unwrap();
    let known: Vec<String> = images.names().cloned().collect();
    assert!(known.iter().all(|name| images.fetch(name)) && known.len() > 15);
    for image in &images.list {
        let tree = images.tree(image);
        let config = &image.config;
        let argv = config.entrypoint.iter().chain(config.cmd.iter().flatten());
        let program = argv.clone().next().unwrap();
        let dirs = ["", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/"];
        let found = dirs.iter().any(|dir| {
            tree.resolve(&format!("{dir}{program}"), true)
                .is_ok_and(|path| tree.get(&path).is_some())
        });
        assert!(found, "{:?}: {program}", image.names);
    }
}

#[test]
fn the_nginx_image_has_curl_and_no_ip() {
    let images = Images::load().unwrap();
    let tree = images.tree(images.find("nginx").unwrap());
    let at = |path: &str| {
        tree.resolve(path, true)
            .ok()
            .and_then(|p| tree.get(&p).cloned())
    };
    assert!(at("/bin/curl").is_some() && at("/usr/bin/ip").is_none() && at("/bin/ping").is_none());
    assert!(matches!(
        at("/var/log/nginx/access.log").unwrap().node,
        Node::Device(_)
    ));
}

/// Images of which none is used by a container.
fn nobody(_: &str) -> Option<(String, bool)> {
    None
}

const GENTLY: How = How {
    force: false,
    no_prune: false,
};

#[test]
fn an_image_goes_with_its_last_name_and_can_be_fetched_again() {
    let mut images = Images::load().unwrap();
    let id = images.tag("nginx", "team/web:1", 0).unwrap();
    assert_eq!(images.find("team/web:1").unwrap().id, id);
    let told = images.remove("nginx", GENTLY, &nobody).unwrap().told;
    assert_eq!(told, [ImageDeleteResponse::untagged("nginx:latest".into())]);
    let user = |_: &str| Some(("0123456789abcdef".to_owned(), true));
    let refused = images.remove("team/web:1", GENTLY, &user).unwrap_err();
    assert!(refused.to_string().starts_with(
        "conflict: unable to remove repository reference \"team/web:1\" (must force) - container 0123456789ab"
    ));
    let removed = images.remove("team/web:1", GENTLY, &nobody).unwrap();
    assert_eq!(removed.told.len(), 3);
    assert_eq!(removed.freed, 26_906_462);
    assert!(images.find(&id).is_err());
    assert!(images.fetch("nginx") && images.find(&id).is_ok());
    assert!(!images.fetch("nosuch"));
}

/// An image over busybox in which `/home` is gone and `/data` is there.
fn made(images: &mut Images, name: &str) -> String {
    let below = images.find("busybox").unwrap();
    let (parent, top) = (below.id.clone(), below.layers.last().unwrap().clone());
    let mut tree = Tree::over(images.tree(below));
    tree.remove("/home").unwrap();
    let file = Node::File(bytes::Bytes::from_static(b"text"));
    tree.put("/data", file, 0o640, Instant::ZERO);
    images.make(New {
        config: ContainerConfig::default(),
        container: None,
        parent: &parent,
        layer: Some(Layer::of_tree(tree, Some(&top), 0)),
        created: CREATED * 2,
        author: "",
        comment: "made",
        reference: name,
    })
}

#[test]
fn an_image_is_the_same_after_it_was_saved_and_loaded() {
    let mut images = Images::load().unwrap();
    let id = made(&mut images, "made:1");
    let archive = images.save(&["made:1".to_owned()], 0).unwrap();
    images.remove("made:1", GENTLY, &nobody).unwrap();
    assert!(images.find(&id).is_err());
    let loaded = images.load_archive(&archive, 0).unwrap();
    assert_eq!(loaded.lines, ["Loaded image: made:1"]);
    let again = images.find("made").err().map(|e| e.to_string());
    assert_eq!(again.as_deref(), Some("No such image: made:latest"));
    let image = images.find("made:1").unwrap();
    assert_eq!(image.id, id);
    assert_eq!(image.size(), 2_080_625 + 4);
    let tree = images.tree(image);
    assert!(tree.get("/home").is_none() && tree.get("/bin").is_some());
    assert_eq!(tree.get("/data").unwrap().mode, 0o640);
    let steps = images.history("made:1").unwrap();
    let ids: Vec<_> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, [id.as_str(), "<missing>"]);
    let gone = images.save(&["nosuch".to_owned()], 0).unwrap_err();
    assert_eq!(gone.to_string(), "No such image: nosuch");
    let short = images.load_archive(&archive[..3000], 0).unwrap_err();
    assert_eq!(short.to_string(), "unexpected EOF");
}

#[test]
fn an_image_that_others_are_made_from_stays_without_a_name() {
    let mut images = Images::load().unwrap();
    let id = made(&mut images, "made:1");
    let below = images.find("busybox").unwrap().id.clone();
    let refused = images.remove(&below, GENTLY, &nobody).unwrap_err();
    assert!(
        refused
            .to_string()
            .ends_with("(cannot be forced) - image has dependent child images")
    );
    let told = images.remove("busybox", GENTLY, &nobody).unwrap().told;
    assert_eq!(told.len(), 1);
    let listed = |all| images.summaries(all, &Filters::new()).unwrap().len();
    assert_eq!(listed(true), listed(false) + 1);
    // With the last that needs it, it goes too.
    let told = images.remove(&id, GENTLY, &nobody).unwrap().told;
    let gone: Vec<_> = told.iter().map(|one| one.deleted.as_str()).collect();
    assert_eq!(told.len(), 5);
    assert!(gone.contains(&id.as_str()) && gone.contains(&below.as_str()));
}
