package meshwork.openai;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.eclipse.jetty.server.Handler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;

import meshwork.api.inference.Embedder;
import meshwork.api.inference.InferenceException;
import meshwork.api.inference.Models;
import meshwork.api.inference.Ranking;
import meshwork.api.inference.RankingRequest;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /v1/rerank}: documents, the one that answers a query best first, as Jina and Cohere have it; {@code texts} in place of
 * {@code documents} are answered as Text Embeddings Inference does.
 */
@Component(service = Handler.class, property = { "http.path=/v1/rerank", "http.path=/rerank", "http.path=/v1/reranking", "http.path=/reranking" })
public final class RerankEndpoint extends Endpoint {

	private final Embedder embedder;
	private final Models models;

	@Activate
	public RerankEndpoint(@Reference Embedder embedder, @Reference Models models) {
		super("POST");
		this.embedder = embedder;
		this.models = models;
	}

	record Listing(String model, String object, Spent.OfReading usage, List<Result> results) {
	}

	@JsonInclude(Include.NON_ABSENT)
	record Result(int index, float relevanceScore, Optional<Document> document) {
	}

	record Document(String text) {
	}

	/** As Text Embeddings Inference has it. */
	@JsonInclude(Include.NON_ABSENT)
	record Rank(int index, float score, Optional<String> text) {
	}

	@Override
	void answer(Exchange exchange) throws IOException, InterruptedException {
		Fields fields = exchange.body();
		String member = fields.has("texts") ? "texts" : "documents";
		String query = fields.text("query").filter(text -> !text.isEmpty()).orElseThrow(() -> Refusal.missing("query"));
		List<String> documents = documents(fields, member);
		int most = fields.integer("top_n", 1, Integer.MAX_VALUE).orElse(documents.size());
		boolean told = fields.flag(member.equals("texts") ? "return_text" : "return_documents").orElse(false);
		String model = Addressee.of(exchange, fields, models).id();
		try {
			Ranking ranking = Noted.await(embedder.rank(new RankingRequest(exchange.id(), exchange.caller(), model, query, documents)), exchange, model,
					Ranking::tokens);
			float[] scores = ranking.scores();
			List<Rank> ranks = IntStream.range(0, scores.length)
					.mapToObj(index -> new Rank(index, scores[index], told ? Optional.of(documents.get(index)) : Optional.empty()))
					.sorted(Comparator.comparing(Rank::score).reversed()).limit(most).toList();
			exchange.answer(200, member.equals("texts") ? ranks : new Listing(model, "list", new Spent.OfReading(ranking.tokens()),
					ranks.stream().map(rank -> new Result(rank.index(), rank.score(), rank.text().map(Document::new))).toList()));
		} catch (InferenceException e) {
			throw Refusal.of(e, member);
		}
	}

	/** Texts, or objects that have one. */
	private static List<String> documents(Fields fields, String member) {
		fields.required(member);
		var documents = new ArrayList<String>();
		for (JsonNode each : fields.array(member)) {
			JsonNode text = each.isObject() ? each.path("text") : each;
			if (!text.isString())
				throw fields.wrong(member, "has to be an array of strings, or of objects with a string 'text', but has something else at index %d"
						.formatted(documents.size()));
			documents.add(text.stringValue());
		}
		if (documents.isEmpty())
			throw fields.wrong(member, "has to have an element at least");
		return documents;
	}
}
