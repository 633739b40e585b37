"""The zoo: small configurations of transformers and recurrent networks for text and speech."""
from collections.abc import Callable

import torch
import transformers as hf
from torch import nn

from recipe import SEQUENCE, Export, Inputs, masked, pair, tokens

WIDTH = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64)
TEXT = dict(vocab_size=120, max_position_embeddings=32, **WIDTH)


class Text(nn.Module):
    """A network of Transformers over token ids, of which only the first output counts."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None,
                token_type_ids: torch.Tensor | None = None) -> torch.Tensor:
        given = {"attention_mask": attention_mask, "token_type_ids": token_type_ids}
        return self.network(input_ids, **{k: v for k, v in given.items() if v is not None})[0]


class Signal(nn.Module):
    """The same over a signal."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)[0]


class Recurrent(nn.Module):
    """Token embeddings, recurrent layers, and a classifier over the last step."""

    def __init__(self, layer: Callable[..., nn.Module], directions: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(120, 24)
        self.layers = layer(24, 32, num_layers=2, batch_first=True, bidirectional=directions == 2)
        self.head = nn.Linear(32 * directions, 5)

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers(self.embedding(input_ids))[0][:, -1])


class TemporalConvolutions(nn.Module):
    """Dilated causal convolutions over a signal, with residuals (TCN)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv1d(3, 16, 1)
        self.layers = nn.ModuleList(nn.Conv1d(16, 16, 3, dilation=2 ** i) for i in range(4))
        self.norms = nn.ModuleList(nn.BatchNorm1d(16) for _ in self.layers)
        self.head = nn.Linear(16, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        for layer, norm in zip(self.layers, self.norms):
            padded = nn.functional.pad(x, (2 * layer.dilation[0], 0))
            x = x + torch.relu(norm(layer(padded)))
        return self.head(x.mean(2))


class TextReader(nn.Module):
    """Convolutions over an image, read from left to right by an LSTM (CRNN)."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.LeakyReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ELU(), nn.MaxPool2d((4, 2)))
        self.recurrent = nn.LSTM(32 * 4, 32, bidirectional=True)
        self.head = nn.Linear(64, 20)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        columns = self.convolutions(x).flatten(1, 2).permute(2, 0, 1)
        return self.head(self.recurrent(columns)[0]).log_softmax(2)


def ids(batch: int) -> Inputs:
    """Sixteen token ids."""
    return {"input_ids": torch.randint(0, 120, (batch, 16))}


def signal(channels: int, length: int) -> Callable[[int], Inputs]:
    """A signal of some channels."""
    return lambda batch: {"x": torch.randn(batch, channels, length)}


def network(kind: str, config: str, **options: object) -> Callable[[], nn.Module]:
    """A network of Transformers by the names of its class and its configuration."""
    return lambda: Text(getattr(hf, kind)(getattr(hf, f"{config}Config")(**options)))


def classifier(name: str, **options: object) -> Callable[[], nn.Module]:
    """A sequence classifier."""
    return network(f"{name}ForSequenceClassification", name, **options)


def decoder(name: str, kind: str = "ForCausalLM", **options: object) -> Callable[[], nn.Module]:
    """A causal language model, without its key-value cache."""
    return network(name + kind, name, use_cache=False, bos_token_id=0, eos_token_id=1, **options)


def t5_encoder() -> nn.Module:
    """T5's encoder: relative position buckets, RMS norm, gated GELU."""
    return Text(hf.T5EncoderModel(hf.T5Config(
        vocab_size=120, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu", attn_implementation="eager")))


def wav2vec2() -> nn.Module:
    """Wav2Vec2: 1-D convolutions, a grouped convolution for positions, a transformer."""
    return Signal(hf.Wav2Vec2ForSequenceClassification(hf.Wav2Vec2Config(
        conv_dim=(16, 16), conv_stride=(5, 4), conv_kernel=(10, 8),
        num_feat_extract_layers=2, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4,
        classifier_proj_size=16, **WIDTH)))


def whisper_encoder() -> nn.Module:
    """Whisper's encoder over a Mel spectrogram."""
    config = hf.WhisperConfig(num_mel_bins=20, d_model=32, encoder_layers=2,
                              encoder_attention_heads=4, encoder_ffn_dim=64,
                              max_source_positions=32)
    return Signal(hf.models.whisper.modeling_whisper.WhisperEncoder(config))


def clip_text() -> nn.Module:
    """CLIP's text tower: causal mask, quick GELU, projection of the last token."""
    return Text(hf.CLIPTextModelWithProjection(hf.CLIPTextConfig(
        projection_dim=16, bos_token_id=0, eos_token_id=119, **TEXT)))


GPT2 = dict(vocab_size=120, n_positions=32, n_embd=32, n_layer=2, n_head=4)
GROUPED = TEXT | dict(num_key_value_heads=2)
SHARED_LAYER = TEXT | dict(embedding_size=16)

EXPORTS = [
    *pair("distilbert", classifier("DistilBert", vocab_size=120, dim=32, n_layers=2, n_heads=4,
                                   hidden_dim=64, max_position_embeddings=32), masked(120, 16)),
    *pair("roberta", classifier("Roberta", **TEXT), masked(120, 16)),
    *pair("albert", classifier("Albert", **SHARED_LAYER), tokens(120, 16)),
    *pair("electra", classifier("Electra", **SHARED_LAYER), tokens(120, 16)),
    *pair("deberta", classifier("DebertaV2", relative_attention=True, position_buckets=8,
                                pos_att_type=["p2c", "c2p"], **TEXT), masked(120, 16)),
    *pair("mobilebert", classifier("MobileBert", embedding_size=16, intra_bottleneck_size=16,
                                   true_hidden_size=16, **TEXT), tokens(120, 16)),
    *pair("gpt2", decoder("GPT2", "LMHeadModel", **GPT2), masked(120, 16), ids),
    *pair("gpt-neox", decoder("GPTNeoX", **TEXT), masked(120, 16), ids),
    *pair("llama", decoder("Llama", **GROUPED), masked(120, 16), ids),
    Export("llama-dynseq", decoder("Llama", **GROUPED),
           lambda batch: {"input_ids": torch.randint(0, 120, (batch, 10 + 3 * batch))}, "dynamo",
           SEQUENCE),
    *pair("gemma", decoder("Gemma", head_dim=8, **GROUPED), masked(120, 16), ids),
    Export("mixtral-legacy", decoder("Mixtral", num_local_experts=2, num_experts_per_tok=1,
                                     experts_implementation="eager", **GROUPED),
           masked(120, 16), "legacy"),
    *pair("t5-encoder", t5_encoder, masked(120, 16)),
    *pair("wav2vec2", wav2vec2, lambda batch: {"x": torch.randn(batch, 800)}),
    *pair("whisper-encoder", whisper_encoder, signal(20, 64)),
    *pair("clip-text", clip_text, ids),
    *pair("lstm", lambda: Recurrent(nn.LSTM, directions=2), ids),
    *pair("gru", lambda: Recurrent(nn.GRU, directions=1), ids),
    *pair("rnn", lambda: Recurrent(nn.RNN, directions=1), ids),
    *pair("tcn", TemporalConvolutions, signal(3, 40)),
    Export("tcn-dynsize", TemporalConvolutions, lambda batch: signal(3, 30 + 5 * batch)(batch),
           "dynamo", {0: "batch", 2: "length"}),
    *pair("crnn", TextReader, lambda batch: {"x": torch.randn(batch, 3, 32, 48)}),
]
