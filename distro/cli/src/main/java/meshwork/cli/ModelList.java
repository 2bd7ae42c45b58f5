package meshwork.cli;

import java.util.List;
import java.util.concurrent.Callable;

import meshwork.cli.NodeClient.ModelHealth;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** Lists the models of the running node. */
@Command(name = "models", description = "Lists the models of the running node.")
final class ModelList implements Callable<Integer> {

	@Mixin
	private DataOption data;

	@Option(names = "--json", description = "As JSON.")
	private boolean json;

	@Override
	public Integer call() {
		List<ModelHealth> models = NodeClient.of(data.folder().mustRun()).health().models();
		if (json) {
			System.out.println(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(models));
			return ExitCode.OK.code();
		}
		int width = models.stream().mapToInt(model -> model.id().length()).max().orElse(0);
		for (ModelHealth model : models)
			System.out.printf("%-" + Math.max(1, width) + "s  %s%s%n", model.id(), model.text(), model.problem().map(it -> ": " + it).orElse(""));
		return ExitCode.OK.code();
	}
}
