import { readNeeds } from '../report/index.ts';
import { LambdaError } from './error.ts';
import type { Arch } from './pack/duckdb.ts';
import { nameInZip } from './pack/pack.ts';
import { variablesToSet } from './variables.ts';

/** What a template is made for. */
export interface TemplateOptions {
  readonly arch: Arch;
  /** The path of the zip, as seen from the template. */
  readonly zip: string;
  /** When a run begins: cron(...), rate(...) or at(...) of EventBridge. */
  readonly schedule: string;
  /** IANA name of the schedule's time zone. */
  readonly timezone: string;
  /** Of one invocation, in seconds: at most 900. */
  readonly timeoutS: number;
  readonly memoryMb: number;
}

/** A message is seen again when the invocation that had it can't be alive any more. */
const AFTER_TIMEOUT_S = 60;

/**
 * The SAM template of a function that runs a report: schedule, function, queue, bucket, and rights for nothing else.
 * @throws DocumentError, LambdaError
 */
export async function templateOf(file: string, options: TemplateOptions): Promise<string> {
  const { report, variables: needed } = await readNeeds(file, process.env);
  const variables = variablesToSet(needed, file);
  const names = new Map(variables.map((variable) => [parameterOf(variable), variable]));
  if (names.size < variables.length)
    throw new LambdaError(
      `${file}: two of its variables (${variables.join(', ')}) have the same letters and digits, and a parameter's name has nothing else. Rename one.`,
    );
  return textOf({ ...options, report, reportPath: nameInZip(report.file, report.folder, file), names });
}

interface Filled extends TemplateOptions {
  readonly report: { readonly name: string };
  readonly reportPath: string;
  /** Variables by the names of their parameters. */
  readonly names: ReadonlyMap<string, string>;
}

/** Names of parameters have letters and digits only. */
function parameterOf(variable: string): string {
  return `Var${variable
    .toLowerCase()
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')}`;
}

function textOf({ arch, zip, schedule, timezone, timeoutS, memoryMb, report, reportPath, names }: Filled) {
  const parameters = [...names].map(
    ([name, variable]) => `  ${name}:
    Type: String
    NoEcho: true
    MinLength: 1
    Description: The variable ${variable} of the report
`,
  );
  const variables = [...names].map(([name, variable]) => `          ${variable}: !Ref ${name}\n`);
  return `# Written by \`abreast lambda template\`; yours to change.
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Description: ${JSON.stringify(`The report ${report.name}, by abreast`)}

Parameters:
  Schedule:
    Type: String
    Default: ${JSON.stringify(schedule)}
    Description: When a run begins
  Timezone:
    Type: String
    Default: ${JSON.stringify(timezone)}
    Description: The time zone of the schedule
${parameters.join('')}
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ${JSON.stringify(zip)}
      Handler: index.handler
      Runtime: nodejs24.x
      Architectures: [${arch === 'x64' ? 'x86_64' : arch}]
      Timeout: ${timeoutS}
      MemorySize: ${memoryMb}
      EphemeralStorage: { Size: 2048 } # the answers of a run, while SQL reads them
      # A run hands itself on from one invocation to the next. AWS takes that for a mistake after 16 of them.
      RecursiveLoop: Allow
      Role: !GetAtt Role.Arn
      LoggingConfig: { LogGroup: !Ref Log }
      Environment:
        Variables:
          ABREAST_REPORT: ${JSON.stringify(reportPath)}
          ABREAST_STORAGE: !Sub "s3://\${Bucket}/runs"
          ABREAST_QUEUE_URL: !Ref Queue
${variables.join('')}      Events:
        Begin:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: !Ref Schedule
            ScheduleExpressionTimezone: !Ref Timezone
        GoOn:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 1
            FunctionResponseTypes: [ReportBatchItemFailures]
      EventInvokeConfig:
        MaximumRetryAttempts: 2
        DestinationConfig:
          OnFailure: { Type: SQS, Destination: !GetAtt DeadLetters.Arn }

  Queue:
    Type: AWS::SQS::Queue
    Properties:
      # Longer than an invocation: a message comes again only when the one that had it is over.
      VisibilityTimeout: ${timeoutS + AFTER_TIMEOUT_S}
      MessageRetentionPeriod: 345600
      SqsManagedSseEnabled: true
      RedrivePolicy: { deadLetterTargetArn: !GetAtt DeadLetters.Arn, maxReceiveCount: 5 }

  DeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
      SqsManagedSseEnabled: true

  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
      LifecycleConfiguration:
        Rules:
          - { Id: old-runs, Status: Enabled, Prefix: runs/, ExpirationInDays: 30 }
          # A file that a killed invocation had uploaded a part of costs money, and nobody sees it.
          - { Id: cut-uploads, Status: Enabled, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }

  Log:
    Type: AWS::Logs::LogGroup
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      RetentionInDays: 30

  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - { Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }
      Policies:
        - PolicyName: what-the-function-does
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload]
                Resource: !Sub "\${Bucket.Arn}/runs/*"
              # Without it, or with a condition on the prefix, S3 says 403 instead of 404 of a file that is not there.
              - Effect: Allow
                Action: s3:ListBucket
                Resource: !GetAtt Bucket.Arn
              - Effect: Allow
                Action: [sqs:SendMessage, sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]
                Resource: !GetAtt Queue.Arn
              - Effect: Allow
                Action: sqs:SendMessage
                Resource: !GetAtt DeadLetters.Arn
              - Effect: Allow
                Action: [logs:CreateLogStream, logs:PutLogEvents]
                Resource: !GetAtt Log.Arn

Outputs:
  Function: { Value: !Ref Function, Description: "aws lambda invoke --invocation-type Event --function-name THIS out.json" }
  Log: { Value: !Ref Log, Description: "aws logs tail --follow THIS" }
  Runs: { Value: !Sub "s3://\${Bucket}/runs", Description: What the runs left }
  DeadLetters: { Value: !Ref DeadLetters, Description: Runs that could not be carried on }
`;
}
