namespace ServingSim.Cluster.Admission;

/// <summary>Lets every request in: queues are unbounded.</summary>
public sealed class AdmitAll : IAdmissionPolicy
{
    /// <inheritdoc/>
    public string? ReasonToRefuse(in Applicant applicant) => null;
}
