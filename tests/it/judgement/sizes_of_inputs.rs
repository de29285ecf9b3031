//! How large what goes in may be: less than the log has, under its own name.

#[test]
fn a_size_is_never_above_the_one_in_the_log() {
    let said = |log: &str| {
        let message = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 108.00 MiB. GPU 0 has a total capacity of \
            79.15 GiB of which 57.25 MiB is free. Including non-PyTorch memory, this process has 79.08 GiB memory in use. Of the \
            allocated memory 78.20 GiB is allocated by PyTorch, and 395.28 MiB is reserved by PyTorch but unallocated.";
        let diagnosis = whyoom::diagnose("t", format!("{log}\n{message}\n").as_bytes());
        let report = diagnosis.incidents.first().map(|i| i.fixes.clone());
        let fix = report?
            .into_iter()
            .find(|fix| fix.fix.id.name() == "smaller-inputs");
        fix?.offer.how.lines().next().map(str::to_owned)
    };
    for (log, line) in [
        (
            "accelerate launch train_dreambooth_lora_flux.py --resolution=512 --train_batch_size=1",
            "--resolution=384  # about three quarters of the 512 in the log",
        ),
        (
            "accelerate launch train_text_to_image.py --resolution=64",
            "--resolution=N  # smaller than now, a multiple of 8",
        ),
        (
            "sd-scripts\nresolution = \"1024,1024\"",
            "resolution=768,768  # about three quarters of the 1024,1024 in the log",
        ),
        (
            "yolo train model=a.pt batch=1 imgsz=1280",
            "imgsz=960  # about three quarters of the 1280 in the log",
        ),
        (
            "train.py --img 1280 640 --crop-size 96",
            "--crop-size 64  # about three quarters of the 96 in the log",
        ),
        (
            "python train_aux.py --batch-size 1 --img 1280 1280",
            "--img 960 960  # about three quarters of the 1280 1280 in the log",
        ),
        (
            "  resolution: (480, 320)",
            "resolution: (320, 192)  # about three quarters of the (480, 320) in the log",
        ),
        (
            "python train.py --num_points 8192",
            "--num_points 4096  # half of the 8192 in the log",
        ),
        (
            "wan_train_network.py\ntarget_frames = 81",
            "target_frames=41  # half of the 81 in the log",
        ),
        (
            "yolo train model=a.pt batch=1",
            "imgsz=N  # smaller than now (the default is 640), a multiple of 32",
        ),
    ] {
        assert_eq!(said(log).as_deref(), Some(line), "{log}");
    }
}
