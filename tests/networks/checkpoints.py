"""Small networks with random weights, in the forms in which real ones come."""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import (
    Sam2Config,
    Sam2Model,
    Sam2VideoConfig,
    Sam2VideoModel,
    SamConfig,
    SamHQConfig,
    SamHQModel,
    SamImageProcessorPil,
    SamModel,
    SamProcessor,
)

SIDE = 128  # pixels of the networks' square

_PROMPTS = {"hidden_size": 32, "image_size": SIDE, "patch_size": 16, "mask_input_channels": 8}
_DECODER = {"hidden_size": 32, "mlp_dim": 64, "num_attention_heads": 4, "iou_head_hidden_dim": 32}
_VISION = {
    "hidden_size": 32,
    "output_channels": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": SIDE,
    "patch_size": 16,
    "window_size": 4,
    "global_attn_indexes": [1],
    "mlp_dim": 64,
    "num_pos_feats": 16,
}
_HIERA = {
    "model_type": "sam2_hiera_det_model",
    "hidden_size": 16,
    "num_attention_heads": 1,
    "blocks_per_stage": [1, 1, 2, 1],
    "embed_dim_per_stage": [16, 32, 64, 128],
    "num_attention_heads_per_stage": [1, 2, 4, 8],
    "global_attention_blocks": [3],
    "image_size": [SIDE, SIDE],
    "window_positional_embedding_background_size": [4, 4],
    "window_size_per_stage": [4, 2, 2, 2],
}
_VISION_2 = {
    "backbone_config": _HIERA,
    "backbone_channel_list": [128, 64, 32, 16],
    "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
    "fpn_hidden_size": 32,
}
_PARTS_2: dict[str, Any] = {
    "vision_config": _VISION_2,
    "prompt_encoder_config": _PROMPTS,
    "mask_decoder_config": _DECODER,
}


def processor() -> SamProcessor:
    """The library's own preparation of pictures and prompts for SAM."""
    return SamProcessor(
        SamImageProcessorPil(
            size={"longest_edge": SIDE},
            pad_size={"height": SIDE, "width": SIDE},
            mask_size={"longest_edge": SIDE // 4},
            mask_pad_size={"height": SIDE // 4, "width": SIDE // 4},
        )
    )


def lively(model: Any, seed: int = 0) -> Any:
    """The model with weights large enough that masks differ from prompt to prompt, and its masks' edges are sharp."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                spread = 1.3 / parameter[0].numel() ** 0.5
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * spread)
            elif parameter.ndim == 1:
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.05)
    return model.eval()


def sam(seed: int = 0) -> Any:
    """A SAM of a hundred thousand weights."""
    prompts = {**_PROMPTS, "image_embedding_size": 8}
    config = SamConfig(
        vision_config=_VISION, prompt_encoder_config=prompts, mask_decoder_config=_DECODER
    )
    return lively(SamModel(config), seed)


def sam_hq() -> Any:
    """An HQ-SAM as small."""
    prompts = {**_PROMPTS, "image_embedding_size": 8}
    decoder = {**_DECODER, "vit_dim": 32}
    config = SamHQConfig(
        vision_config=_VISION, prompt_encoder_config=prompts, mask_decoder_config=decoder
    )
    return lively(SamHQModel(config))


def sam2() -> Any:
    """A SAM 2 as small."""
    return lively(Sam2Model(Sam2Config(**_PARTS_2)))


def sam2_video() -> Any:
    """A SAM 2 as it is published: for video, the network for images within."""
    config = Sam2VideoConfig(
        **_PARTS_2,
        image_size=SIDE,
        memory_attention_hidden_size=32,
        memory_encoder_hidden_size=32,
        memory_encoder_output_channels=16,
        memory_attention_feed_forward_hidden_size=32,
        memory_attention_rope_feat_sizes=[8, 8],
    )
    return lively(Sam2VideoModel(config))


def save(model: Any, folder: Path) -> Path:
    """A checkpoint folder, with its preparation of pictures beside the weights."""
    model.save_pretrained(folder)
    if isinstance(model, SamModel | SamHQModel):
        processor().save_pretrained(folder)
    else:
        settings = {
            "size": {"height": SIDE, "width": SIDE},
            "image_mean": [0.485, 0.456, 0.406],
            "image_std": [0.229, 0.224, 0.225],
            "resample": 2,
        }
        (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return folder
