package meshwork.api.inference;

import java.util.List;

/**
 * A request to compare documents with a query.
 *
 * @param id names the request in logs
 * @param caller who asks, so that callers share fairly; empty when nobody is known
 * @param model which model, by its id
 */
public record RankingRequest(String id, String caller, String model, String query, List<String> documents) {

	public RankingRequest {
		documents = List.copyOf(documents);
	}
}
