package meshwork.openai;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.URIUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;

import meshwork.api.inference.InferenceException.ModelUnknown;
import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;
import meshwork.api.inference.ServedModel.State;

/**
 * {@code GET /v1/models} and {@code GET /v1/models/{id}}: what is served, or will be in a moment. Clients of Anthropic's
 * API, which send its version, are answered in its shape.
 */
@Component(service = Handler.class, property = { "http.path=/v1/models", "http.path=/v1/models/*", "http.path=/models" })
public final class ModelsEndpoint extends Endpoint {

	private static final String BELOW = "/v1/models/";

	private final Models models;

	@Activate
	public ModelsEndpoint(@Reference Models models) {
		super("GET", "HEAD");
		this.models = models;
	}

	record Listing(String object, List<Entry> data) {
	}

	record Entry(String id, String object, long created, String ownedBy, Status status, @JsonInclude(Include.NON_ABSENT) Optional<Meta> meta) {

		static Entry of(ServedModel model) {
			return new Entry(model.id(), "model", model.since().getEpochSecond(), "meshwork",
					new Status(model.state() == State.READY ? "loaded" : "loading"), model.facts().map(Meta::of));
		}
	}

	/** As llama-server's router says it. */
	record Status(String value) {
	}

	/** As llama-server says it; {@code n_ctx} is what one sequence can have. */
	record Meta(int nVocab, int nCtxTrain, int nCtx, long nParams, long size, String architecture, String name) {

		static Meta of(ServedModel.Facts facts) {
			return new Meta(facts.vocabulary(), facts.trainedContext(), facts.context(), facts.parameters(), facts.fileBytes(),
					facts.architecture(), facts.name());
		}
	}

	/** All of them, as Anthropic's API pages through them. */
	record Page(List<Named> data, boolean hasMore, Optional<String> firstId, Optional<String> lastId) {

		static Page of(List<Named> models) {
			return new Page(models, false, models.stream().map(Named::id).findFirst(), models.reversed().stream().map(Named::id).findFirst());
		}
	}

	/** A model as Anthropic's API has it. */
	record Named(String type, String id, String displayName, Instant createdAt, Optional<Integer> maxInputTokens, Optional<Integer> maxTokens,
			Optional<Object> capabilities, Optional<Instant> deprecatedAt, String lifecycle, Optional<Object> line) {

		static Named of(ServedModel model) {
			Optional<Integer> context = model.facts().map(ServedModel.Facts::context);
			return new Named("model", model.id(), model.facts().map(ServedModel.Facts::name).filter(name -> !name.isEmpty()).orElse(model.id()),
					model.since().truncatedTo(ChronoUnit.SECONDS), context, context, Optional.empty(), Optional.empty(), "active", Optional.empty());
		}
	}

	@Override
	void answer(Exchange exchange) {
		String path = Request.getPathInContext(exchange.request());
		List<ServedModel> served = models.list().stream().filter(model -> model.state() == State.READY || model.state() == State.LOADING).toList();
		if (!path.startsWith(BELOW)) {
			exchange.answer(200, exchange.isAnthropic() ? Page.of(served.stream().map(Named::of).toList())
					: new Listing("list", served.stream().map(Entry::of).toList()));
			return;
		}
		String id = URIUtil.decodePath(path.substring(BELOW.length()));
		ServedModel model = served.stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow(() -> Refusal.unknownModel(
				new ModelUnknown(id, served.stream().map(ServedModel::id).toList()).getMessage()));
		exchange.answer(200, exchange.isAnthropic() ? Named.of(model) : Entry.of(model));
	}
}
