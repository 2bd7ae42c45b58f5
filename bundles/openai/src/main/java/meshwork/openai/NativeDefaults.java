package meshwork.openai;

import tools.jackson.databind.node.ObjectNode;

/** What llama-server's own requests have unless they say otherwise; OpenAI's have other defaults. */
final class NativeDefaults {

	private static final ObjectNode SETTINGS = Json.object("""
			{"seed": 4294967295, "temperature": 0.8, "dynatemp_range": 0.0, "dynatemp_exponent": 1.0, "top_k": 40, "top_p": 0.95, "min_p": 0.05,
			 "top_n_sigma": -1.0, "xtc_probability": 0.0, "xtc_threshold": 0.1, "typical_p": 1.0, "repeat_last_n": 64, "repeat_penalty": 1.0,
			 "presence_penalty": 0.0, "frequency_penalty": 0.0, "dry_multiplier": 0.0, "dry_base": 1.75, "dry_allowed_length": 2,
			 "dry_penalty_last_n": 64, "dry_sequence_breakers": ["\\n", ":", "\\"", "*"], "mirostat": 0, "mirostat_tau": 5.0, "mirostat_eta": 0.1,
			 "stop": [], "n_predict": -1, "n_indent": 0, "t_max_predict_ms": -1, "ignore_eos": false, "stream": false, "logit_bias": [],
			 "n_probs": 0, "min_keep": 0, "grammar": "",
			 "samplers": ["penalties", "dry", "top_n_sigma", "top_k", "typ_p", "top_p", "min_p", "xtc", "temperature"]}""");

	private NativeDefaults() {
	}

	static ObjectNode settings() {
		return SETTINGS.deepCopy();
	}

	/** The request with the defaults under it; what is {@code null} is as if it were not said. */
	static Fields under(Fields fields) {
		ObjectNode all = settings();
		fields.object().properties().stream().filter(entry -> !entry.getValue().isNull()).forEach(entry -> all.set(entry.getKey(), entry.getValue()));
		return new Fields(all, fields.path());
	}
}
