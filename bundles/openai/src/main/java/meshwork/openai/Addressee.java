package meshwork.openai;

import java.util.List;
import java.util.Optional;

import meshwork.api.inference.InferenceException.ModelUnknown;
import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;
import meshwork.api.inference.ServedModel.State;

/** Finds the model that a request of llama-server's own API is for: one that is served alone need not be named. */
final class Addressee {

	private Addressee() {
	}

	/** As the parameter {@code model} of the address has it. */
	static ServedModel of(Exchange exchange, Models models) {
		return of(exchange.query("model"), models);
	}

	/** As the body has it, or else the address. */
	static ServedModel of(Exchange exchange, Fields fields, Models models) {
		return of(fields.text("model").filter(model -> !model.isEmpty()).or(() -> exchange.query("model")), models);
	}

	private static ServedModel of(Optional<String> named, Models models) {
		List<ServedModel> served = models.list().stream().filter(model -> model.state() == State.READY || model.state() == State.LOADING).toList();
		List<String> names = served.stream().map(ServedModel::id).toList();
		if (named.isPresent())
			return served.stream().filter(model -> model.id().equals(named.get())).findFirst()
					.orElseThrow(() -> Refusal.unknownModel(new ModelUnknown(named.get(), names).getMessage()));
		if (served.size() > 1)
			throw Refusal.invalid("model", "missing_required_parameter",
					"missing required parameter: 'model', since several are served: " + String.join(", ", names));
		return served.stream().findFirst().orElseThrow(() -> Refusal.unavailable("no model is served: load one"));
	}
}
