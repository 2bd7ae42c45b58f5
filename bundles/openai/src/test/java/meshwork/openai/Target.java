package meshwork.openai;

import java.util.Optional;

/**
 * What the SDK suites talk to: the node at the system property {@code meshwork.url} with the model {@code meshwork.model}, else the
 * API with a script behind it.
 */
record Target(String url, String model, Optional<ApiServer> scripted) implements AutoCloseable {

	static Target open() throws Exception {
		String url = System.getProperty("meshwork.url", "");
		if (!url.isEmpty())
			return new Target(url, System.getProperty("meshwork.model"), Optional.empty());
		var api = new ApiServer();
		return new Target(api.uri().toString(), ScriptedInference.GOOD, Optional.of(api));
	}

	/** A model whose answer takes so long that there is something to cancel. */
	String endless() {
		return scripted.isPresent() ? ScriptedInference.ENDLESS : model;
	}

	/** With the script it is seen on the other side, too, that a generation was cancelled. */
	void awaitCancelled() throws InterruptedException {
		if (scripted.isPresent())
			scripted.get().inference.cancelled.await();
	}

	@Override
	public void close() throws Exception {
		if (scripted.isPresent())
			scripted.get().close();
	}
}
