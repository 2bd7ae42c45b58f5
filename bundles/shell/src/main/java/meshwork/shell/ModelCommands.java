package meshwork.shell;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;
import meshwork.api.inference.ServedModel.State;

/** {@code mesh:models}, {@code mesh:load}, {@code mesh:unload}. */
@Component(service = ModelCommands.class)
@GogoCommand(scope = "mesh", function = { "models", "load", "unload" })
public final class ModelCommands {

	private final Services services;

	@Activate
	public ModelCommands(BundleContext context) {
		services = new Services(context);
	}

	@Descriptor("lists the models of this node")
	public void models() {
		List<ServedModel> models = services.with(Models.class, Models::list);
		if (models.isEmpty()) {
			System.out.println("no models; mesh:load FILE serves one");
			return;
		}
		var table = new Table("MODEL", "STATE", "ARCHITECTURE", "WEIGHTS", "MEMORY", "CONTEXT", "PARALLEL", "ENGINE");
		for (ServedModel model : models)
			model.facts().ifPresentOrElse(
					facts -> table.row(model.id(), state(model), facts.architecture(), Table.count(facts.parameters()), Table.bytes(facts.memoryBytes()),
							facts.context(), facts.parallel(), facts.engine()),
					() -> table.row(model.id(), state(model), "", "", "", "", "", ""));
		table.print(System.out);
		for (ServedModel model : models)
			model.problem().ifPresent(problem -> System.out.printf("%n%s: %s%n", model.id(), problem.getMessage()));
	}

	@Descriptor("loads a GGUF file and serves it")
	public void load(CommandSession session,
			@Descriptor("tokens that one sequence can have") @Parameter(names = "--ctx-size", absentValue = "0") int context,
			@Descriptor("sequences that are decoded at once") @Parameter(names = "--parallel", absentValue = "0") int parallel,
			@Descriptor("threads that compute") @Parameter(names = "--threads", absentValue = "0") int threads,
			@Descriptor("what requests call it, instead of the file's name") @Parameter(names = "--id", absentValue = "") String id,
			@Descriptor("the file; of one in several parts the first") String file) {
		if (context < 0 || parallel < 0 || threads < 0)
			throw new IllegalArgumentException("--ctx-size, --parallel and --threads have to be 1 or more, or 0 for what suits");
		Path path = session.currentDir().resolve(file).toAbsolutePath().normalize();
		var settings = new ModelSettings(path, Optional.of(id).filter(it -> !it.isEmpty()), context, parallel, threads);
		long began = System.nanoTime();
		ServedModel model = services.with(Models.class, models -> models.load(settings));
		System.out.printf(Locale.ROOT, "%s is ready after %.1f s%n", model.id(), (System.nanoTime() - began) / 1e9);
	}

	@Descriptor("stops serving a model, after the requests that run")
	public void unload(@Descriptor("the model, as mesh:models names it") String id) {
		services.with(Models.class, models -> {
			models.unload(id);
			return id;
		});
		System.out.println(id + " is no longer served");
	}

	static String state(ServedModel model) {
		return model.state() == State.LOADING ? "loading %d %%".formatted(Math.round(model.progress() * 100))
				: model.state().name().toLowerCase(Locale.ROOT);
	}
}
