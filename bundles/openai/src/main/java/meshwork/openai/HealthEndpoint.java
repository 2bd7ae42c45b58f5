package meshwork.openai;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

import org.eclipse.jetty.server.Handler;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;

import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;
import meshwork.api.inference.ServedModel.State;

/**
 * {@code GET /health}: whether the node answers, for load balancers and whoever started it. It is there before any model is, and
 * before the runtime.
 */
@Component(service = Handler.class, property = { "http.path=/health", "http.path=/v1/health", "http.public=true" })
public final class HealthEndpoint extends Endpoint {

	private final AtomicReference<Optional<Models>> models = new AtomicReference<>(Optional.empty());

	public HealthEndpoint() {
		super("GET", "HEAD");
	}

	@Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
	void set(Models service) {
		models.set(Optional.of(service));
	}

	void unset(Models service) {
		models.updateAndGet(current -> current.filter(each -> each != service));
	}

	record Health(String status, @JsonInclude(Include.NON_ABSENT) Optional<Fault> error, List<Model> models) {
	}

	/** @param code the HTTP status, as llama-server has it */
	record Fault(int code, String message, String type) {
	}

	record Model(String id, String state, double progress, @JsonInclude(Include.NON_ABSENT) Optional<String> problem,
			@JsonInclude(Include.NON_ABSENT) Optional<String> reason) {

		static Model of(ServedModel model) {
			return new Model(model.id(), lower(model.state()), model.progress(), model.problem().map(Throwable::getMessage),
					model.problem().map(problem -> lower(problem.reason())));
		}
	}

	/** How the node is; only the first two answer requests. */
	enum Status {
		OK(""), DEGRADED(""), LOADING("Loading model"), FAILED("No model could be loaded"), EMPTY("No model is served");

		private final String message;

		Status(String message) {
			this.message = message;
		}

		static Status of(List<ServedModel> models) {
			boolean ready = models.stream().anyMatch(model -> model.state() == State.READY);
			boolean failed = models.stream().anyMatch(model -> model.state() == State.FAILED);
			if (ready)
				return failed ? DEGRADED : OK;
			if (models.stream().anyMatch(model -> model.state() == State.LOADING))
				return LOADING;
			return failed ? FAILED : EMPTY;
		}
	}

	@Override
	void answer(Exchange exchange) {
		List<ServedModel> served = models.get().map(Models::list).orElse(List.of());
		// a node whose runtime is about to come, or to be replaced
		Status status = models.get().isPresent() ? Status.of(served) : Status.LOADING;
		boolean answers = status.message.isEmpty();
		exchange.answer(answers ? 200 : 503, new Health(lower(status), answers ? Optional.empty() : Optional.of(new Fault(503, status.message,
				"unavailable_error")), served.stream().map(Model::of).toList()));
	}

	private static String lower(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT);
	}
}
