package meshwork.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import meshwork.api.chat.Conversation;
import meshwork.api.chat.Message;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.Done;
import meshwork.api.inference.GenerationEvent.Piece;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.Inference;
import meshwork.api.inference.Models;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.ServedModel;
import meshwork.api.inference.ServedModel.State;

/** {@code mesh:ask}. */
@Component(service = AskCommand.class)
@GogoCommand(scope = "mesh", function = "ask")
public final class AskCommand {

	private final Services services;

	@Activate
	public AskCommand(BundleContext context) {
		services = new Services(context);
	}

	@Descriptor("asks a model, and prints its answer as it comes and how fast it came")
	public void ask(
			@Descriptor("the model; the first that is ready, if none is named") @Parameter(names = "--model", absentValue = "") String model,
			@Descriptor("a system message before the question") @Parameter(names = "--system", absentValue = "") String system,
			@Descriptor("most tokens of the answer") @Parameter(names = "--max-tokens", absentValue = "0") int maxTokens,
			@Descriptor("how freely tokens are picked; 0 for the likeliest always") @Parameter(names = "--temperature", absentValue = "0") float temperature,
			@Descriptor("what to ask") String... words) throws InterruptedException {
		String question = String.join(" ", words);
		if (question.isBlank())
			throw new IllegalArgumentException("the question is empty: mesh:ask \"What is Meshwork?\"");
		var messages = new ArrayList<Message>();
		if (!system.isEmpty())
			messages.add(new Message("system", system));
		messages.add(new Message("user", question));
		var sampling = temperature == 0 ? SamplerOptions.GREEDY : new SamplerOptions(List.of(new Stage.Temperature(temperature)), System.nanoTime());
		var request = GenerationRequest.of("shell-" + UUID.randomUUID(), model.isEmpty() ? firstReady() : model,
				new Prompt.Chat(new Conversation(messages)), sampling);
		// the service stays the generation's while it runs: the runtime ends its generations before it goes
		try (Generation generation = services.with(Inference.class,
				inference -> inference.generate(maxTokens > 0 ? request.withMaxTokens(maxTokens) : request))) {
			print(generation);
		}
	}

	private static void print(Generation generation) throws InterruptedException {
		while (true) {
			GenerationEvent event = generation.next();
			if (event instanceof Piece piece) {
				System.out.print(piece.text());
				System.out.flush();
			} else if (event instanceof Done(var usage, var timings)) {
				System.out.printf(Locale.ROOT, "%n%n%d prompt tokens (%d cached) in %.0f ms, %d tokens in %.0f ms%n", usage.promptTokens(),
						usage.cachedTokens(), timings.prompt_ms(), usage.completionTokens(), timings.predicted_ms());
				return;
			}
		}
	}

	private String firstReady() {
		return services.with(Models.class, Models::list).stream().filter(model -> model.state() == State.READY).map(ServedModel::id).findFirst()
				.orElseThrow(() -> new IllegalStateException("no model is ready; mesh:models shows them"));
	}
}
