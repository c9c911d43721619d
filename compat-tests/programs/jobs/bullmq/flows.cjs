// Parents and children: a parent waits for what its children found.
const { FlowProducer, Queue } = require("bullmq");
const connection = require("./connection.cjs");
const { play, dismiss, until, say, counts, end } = require("./stage.cjs");

play("flows", async ({ queue, events, hire }) => {
  const children = new Queue("flows-children", { connection });
  const flows = new FlowProducer({ connection });
  const child = (name, data, opts) => ({ name, data, opts, queueName: "flows-children" });
  const parent = (jobId, children) => ({
    name: "total",
    queueName: "flows",
    opts: { jobId },
    children,
  });

  const plain = await flows.add(
    parent("plain", [
      child("sum", [1, 2], { jobId: "one" }),
      child("sum", [3, 4], { jobId: "two", priority: 3 }),
      child("sum", [5], { jobId: "three", delay: 100 }),
    ]),
  );
  say("parent waits", [await plain.job.getState(), await counts(queue), await counts(children)]);
  say("depends on", (await plain.job.getDependencies()).unprocessed.sort());
  const tree = await flows.getFlow({ id: "plain", queueName: "flows" });
  say("tree", [tree.job.name, tree.children.map(({ job }) => job.id).sort()]);

  const crew = [await hire(), await hire({ concurrency: 3 }, "flows-children")];
  say("total", await end(plain.job, events));
  const { processed } = await plain.job.getDependencies();
  say("children's values", Object.entries(processed).sort());
  say("counts", [await plain.job.getDependenciesCount(), await counts(queue)]);

  const failing = await flows.add(
    parent("failing", [
      child("sum", [1]),
      child("hopeless", null, { jobId: "culprit", failParentOnFailure: true }),
    ]),
  );
  say("a child fails its parent", await end(failing.job, events));

  const ignoring = await flows.add(
    parent("ignoring", [
      child("sum", [7]),
      child("hopeless", null, { ignoreDependencyOnFailure: true }),
    ]),
  );
  say("a failure ignored", await end(ignoring.job, events));

  const continuing = await flows.add(
    parent("continuing", [
      child("sum", [8], { delay: 3_600_000 }),
      child("hopeless", null, { continueParentOnFailure: true }),
    ]),
  );
  say("a parent goes on", await end(continuing.job, events));

  const [deep, other] = await flows.addBulk([
    parent("deep", [{ ...parent("middle", [child("sum", [1, 1])]), queueName: "flows" }]),
    parent("other", [child("sum", [2, 2])]),
  ]);
  say("bulk", [await end(deep.job, events), await end(other.job, events)]);

  await Promise.all(crew.map(dismiss));
  const removed = await flows.add(parent("removed", [child("sum", [1], { jobId: "orphan" })]));
  await removed.job.remove();
  say("removed with its child", (await children.getJob("orphan")) === undefined);
  const freed = await flows.add(parent("freed", [child("sum", [1], { jobId: "let-go" })]));
  await (await children.getJob("let-go")).removeChildDependency();
  await until("the parent is free", async () => (await freed.job.getState()) === "waiting");
  say("children", await counts(children));
  await children.obliterate({ force: true });
  await Promise.all([flows.close(), children.close()]);
});
