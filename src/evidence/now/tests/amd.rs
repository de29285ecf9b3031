//! Which device ROCm's variables show.

use super::*;

/// Where device 1 is by these variables on a machine of AMD's, and which variable is to choose another.
fn of_amd(
    (hip, cuda, rocr): (Option<&str>, Option<&str>, Option<&str>),
) -> (Result<u32, String>, &'static str, Option<String>) {
    let gpus = (0..4).map(|index| gpu(index, 80, &[])).collect();
    let devices = Devices {
        source: "amdgpu".to_owned(),
        gpus,
        ..Devices::default()
    };
    let visible = Visible {
        cuda: cuda.map(str::to_owned),
        hip: hip.map(str::to_owned),
        rocr: rocr.map(str::to_owned),
        by_bus: false,
    };
    let incident = incident(1, 1, 1, 80);
    let balance = Balance::of(&incident);
    let now = Now::of(&incident, &balance, &devices, &visible, None).unwrap();
    let gpu = now.gpu.ok_or(now.unresolved.unwrap_or_default());
    let room = now.room.first().map(|r| r.visible_devices.clone());
    (gpu, now.variable, room)
}

#[test]
fn devices_of_amd_are_chosen_by_rocms_variables_before_cudas() {
    // ROCm's documentation, "GPU isolation techniques"; torch/cuda/__init__.py (_parse_visible_devices).
    let (hip, cuda, rocr) = (Some("2,3"), Some("1,0"), Some("3,2"));
    let other = |list: &str| Some(list.to_owned());
    assert_eq!(
        of_amd((None, None, None)),
        (Ok(1), "HIP_VISIBLE_DEVICES", other("1,0,2,3"))
    );
    assert_eq!(
        of_amd((hip, cuda, None)),
        (Ok(3), "HIP_VISIBLE_DEVICES", other("3,2"))
    );
    assert_eq!(
        of_amd((None, cuda, None)),
        (Ok(0), "CUDA_VISIBLE_DEVICES", other("0,1"))
    );
    assert_eq!(
        of_amd((None, None, rocr)),
        (Ok(2), "ROCR_VISIBLE_DEVICES", other("2,3"))
    );
    let (gpu, _, room) = of_amd((hip, None, rocr));
    let both = "HIP_VISIBLE_DEVICES and ROCR_VISIBLE_DEVICES both choose devices here";
    assert_eq!((gpu, room), (Err(both.to_owned()), None));
}
