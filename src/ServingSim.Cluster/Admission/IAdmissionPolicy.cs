namespace ServingSim.Cluster.Admission;

/// <summary>Lets requests in, or refuses them.</summary>
public interface IAdmissionPolicy
{
    /// <summary>Why a request is refused; null lets it in.</summary>
    string? ReasonToRefuse(in Applicant applicant);
}
