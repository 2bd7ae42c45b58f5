package meshwork.cli;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

import meshwork.cli.NodeClient.Health;
import meshwork.cli.NodeClient.ModelHealth;

/** Waits for the models of a node, and shows on a terminal how far they are. */
final class Progress {

	private static final long POLL_MS = 25;

	/** How long loading takes is open, but not how long it takes to begin. */
	private static final Duration MODELS_APPEAR = Duration.ofSeconds(30);

	private final boolean shown = Terminal.errIsTerminal();
	private String last = "";

	/**
	 * Waits until all models are ready.
	 *
	 * @throws Refusal when one of them can't be served, with the code of its reason, or none begins to load
	 */
	Health await(NodeClient node) throws InterruptedException {
		long patience = System.nanoTime() + MODELS_APPEAR.toNanos();
		while (true) {
			Health health = node.health();
			for (ModelHealth model : health.models())
				if (model.failed()) {
					clear();
					throw new Refusal(ExitCode.ofReason(model.reason().orElse("")),
							model.problem().orElse("the model %s could not be loaded".formatted(model.id())));
				}
			if (!health.models().isEmpty() && health.models().stream().allMatch(ModelHealth::ready)) {
				clear();
				return health;
			}
			if (health.models().isEmpty() && System.nanoTime() > patience) {
				clear();
				throw new Refusal(ExitCode.NOT_READY, "no model began to load within %d s; what keeps them is in the log".formatted(MODELS_APPEAR.toSeconds()));
			}
			show(health.models());
			Thread.sleep(POLL_MS);
		}
	}

	private void show(List<ModelHealth> models) {
		String line = models.isEmpty() ? "starting" : models.stream().map(model -> model.id() + " " + model.text()).collect(Collectors.joining(", "));
		if (!shown || line.equals(last))
			return;
		last = line;
		System.err.print("\r\u001b[K" + line);
		System.err.flush();
	}

	private void clear() {
		if (shown && !last.isEmpty())
			System.err.print("\r\u001b[K");
		System.err.flush();
	}
}
