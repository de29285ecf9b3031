//! "`OpenEncodeSessionEx` failed: out of memory (10)": NVENC gave no session, which mostly is a limit and no lack of memory.

use crate::evidence::{Flag, MessageId, Program};
use crate::messages::Message;

pub(crate) static MESSAGE: Message = Message {
    id: MessageId::NvencSession,
    printed_by: "FFmpeg libavcodec/nvenc.c (nvenc_open_session); rigaya/NVEnc; NVENC SDK: NV_ENC_ERR_OUT_OF_MEMORY is 10, \
                 NV_ENC_ERR_INCOMPATIBLE_CLIENT_KEY 21",
    framework: Program::Ffmpeg,
    signatures: &[
        "OpenEncodeSessionEx failed",
        "nvEncOpenEncodeSessionEx",
        "NvEncOpenEncodeSessionEx",
        "No free encoding session",
    ],
    head: r"OpenEncodeSessionEx(?:failed|\(device_type=[A-Z_]{3,40}\))?:?(?:outofmemory\(10\)|incompatibleclientkey\(21\)|10\(NVENCindicates)",
    reach: 300,
    flags: &[Flag::Sessions],
    texts: &[
        "[h264_nvenc @ 0x55d0] OpenEncodeSessionEx failed: out of memory (10): (no details)",
        "[hevc_nvenc @ 0x55d0] OpenEncodeSessionEx failed: incompatible client key (21): (no details)",
        "nvenc : Error on nvEncOpenEncodeSessionEx: 10 (NVENC indicates that the API call failed because it was unable to allocate \
                   enough memory to perform the requested operation.)",
    ],
    ..Message::EMPTY
};
