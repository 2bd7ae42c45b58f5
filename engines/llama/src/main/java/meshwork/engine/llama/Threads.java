package meshwork.engine.llama;

import meshwork.api.engine.ModelDescription;

/** How many threads a step gets when nobody says. */
final class Threads {

	private Threads() {
	}

	static int forDecoding(ModelDescription model) {
		return Math.max(1, Runtime.getRuntime().availableProcessors());
	}

	static int forPrefill(ModelDescription model) {
		return Math.max(1, Runtime.getRuntime().availableProcessors());
	}
}
