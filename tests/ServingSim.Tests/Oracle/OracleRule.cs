namespace ServingSim.Tests.Oracle;

/// <summary>Something that a run can come across, each a rule of its own.</summary>
internal enum OracleRule
{
    Preemption,
    SeveralVictimsInOneStep,
    PartialPrefillPreemptsItself,
    DecodePreemptsItself,
    HeadBlockedByBlocks,
    HeadBlockedBySeqs,
    HeadBlockedByUnsplitPrompt,
    PromptInThreeChunks,
    DecodeBehindPartialPrefill,
    DecodeMissesStep,
    PrefixHit,
    HitUnderSalt,
    HitOnUsedBlock,
    HitInSameStep,
    HitOfAllButTheLastBlock,
    DuplicateBlock,
    Eviction,
    ResumeHitsOwnBlocks,
    HitOnOutputOfRunningRequest,
    RefusedPrompt,
    EndByModelLength,
    ArrivalAtStepEnd,
    StepWithoutTokens,
    AdmissionBeforeEarlierArrival,
    NewcomerPassesBlockedHead,
    PreemptedWaitsBehindAnother,
    EqualLengthsWaitByArrival,
    EqualLengthsWaitByNumber,
}
