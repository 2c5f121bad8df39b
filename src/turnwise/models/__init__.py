"""ChatModel protocol; one file per provider; limits and retries once, for all."""

from turnwise.models.batch import (
    BATCH_PROVIDERS,
    BatchItem,
    BatchJob,
    BatchModel,
    BatchState,
    BatchStatus,
    open_batch_model,
    wait_for_batch,
)
from turnwise.models.breaker import Breaker
from turnwise.models.chat import (
    PARAMETER_DROPPED,
    ChatModel,
    ChatRequest,
    Dropped,
    Failure,
    FailureKind,
    Message,
    Parameters,
    Reply,
    ReplyOrigin,
    ReplyState,
    ResponseFormat,
    Role,
    Usage,
    dropped_note,
    failed,
)
from turnwise.models.http.cache import ByteCache
from turnwise.models.pacing import Gate, Paced, PacingLimits, Rate, estimated_tokens
from turnwise.models.retry import Retrying, RetryPolicy
from turnwise.models.scripted import Scripted
from turnwise.models.secret import Secret
from turnwise.models.simulated import BEHAVIOURS, Behaviour, Simulated
from turnwise.models.spelling import (
    KEY_VARIABLES,
    PROVIDERS,
    SPELLINGS,
    ModelSettings,
    guarded_by_limits,
    kind_of,
    open_model,
)

__all__ = [
    "BATCH_PROVIDERS",
    "BEHAVIOURS",
    "KEY_VARIABLES",
    "PARAMETER_DROPPED",
    "PROVIDERS",
    "SPELLINGS",
    "BatchItem",
    "BatchJob",
    "BatchModel",
    "BatchState",
    "BatchStatus",
    "Behaviour",
    "Breaker",
    "ByteCache",
    "ChatModel",
    "ChatRequest",
    "Dropped",
    "Failure",
    "FailureKind",
    "Gate",
    "Message",
    "ModelSettings",
    "Paced",
    "PacingLimits",
    "Parameters",
    "Rate",
    "Reply",
    "ReplyOrigin",
    "ReplyState",
    "ResponseFormat",
    "RetryPolicy",
    "Retrying",
    "Role",
    "Scripted",
    "Secret",
    "Simulated",
    "Usage",
    "dropped_note",
    "estimated_tokens",
    "failed",
    "guarded_by_limits",
    "kind_of",
    "open_batch_model",
    "open_model",
    "wait_for_batch",
]
